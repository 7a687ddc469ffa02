package io.hongbao.wallet.wechat.bill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.fuzz.Fuzz;
import org.junit.jupiter.api.Test;

class FundFlowBillFuzzTest {
    @Test
    void shouldReadABillOrSayThatItIsDamaged() {
        Fuzz.of("fund-flow bill").samples(FundFlowBillTest.BILL).run(input -> {
            try {
                FundFlowBill bill = FundFlowBill.parse(input);
                assertEquals(
                        bill.incomeFen() - bill.outgoFen(),
                        bill.lines().stream()
                                .mapToLong(FundFlowBill.Line::amountFen)
                                .sum());
            } catch (IllegalArgumentException damaged) {
                // Told, and fetched again.
            }
        });
    }
}
