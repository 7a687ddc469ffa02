package io.hongbao.wallet.wechat.bill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fund-flow bill in the form in which WeChat Pay describes it. */
class FundFlowBillTest {
    static final String BILL = """
            记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号
            `2026-11-24 04:21:23,`4200001,`1000001,`交易,`交易,`收入,`8.88,`8.88,`system,`一,二,`pay-1200100700327967000
            `2026-11-24 04:21:23,`4200001,`1000002,`交易,`扣除交易手续费,`支出,`0.05,`8.83,`system,`,`pay-1200100700327967000
            `2026-11-24 23:59:59,`1330001,`1000003,`转账,`转账,`支出,`0.1,`8.73,`system,`红包,`1200100700327967000pq43JW71pl1eL
            资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
            `3.0,`1.0,`8.88,`2.0,`0.15
            """;

    @Test
    void shouldReadEveryMovementInFen() {
        var bill = FundFlowBill.parse(BILL.getBytes(StandardCharsets.UTF_8));

        assertEquals(888, bill.incomeFen());
        assertEquals(15, bill.outgoFen());
        assertEquals(
                new FundFlowBill.Line(OffsetDateTime.parse("2026-11-24T04:21:23+08:00"), "4200001", "交易", 888),
                bill.lines().getFirst());
        assertEquals(-10, bill.lines().getLast().amountFen());
    }

    @Test
    void shouldReadABillWithAByteOrderMarkAndOtherLineEnds() {
        byte[] csv = ("\uFEFF" + BILL.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_8);

        assertEquals(3, FundFlowBill.parse(csv).lines().size());
    }

    @Test
    void shouldReadABillWithOneMoreColumn() {
        String csv = BILL.replace(",业务凭证号", ",业务凭证号,新").replaceAll("(`2026[^\n]*)", "$1,`x");

        assertEquals(
                3,
                FundFlowBill.parse(csv.getBytes(StandardCharsets.UTF_8)).lines().size());
    }

    /** What, and by what it is replaced; {@code -} for nothing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "`8.88,`8.88 | `8.89,`8.88",
                "`0.1,`8.73 | `0.001,`8.73",
                "`0.1,`8.73 | `-0.1,`8.73",
                "`收入 | `不明",
                "`3.0, | `4.0,",
                "收支金额(元) | 金额",
                "23:59:59 | 25:59:59",
                "资金流水总笔数 | 总笔数",
                ",`pay-1200100700327967000 | -",
                "`2026-11-24 23 | 2026-11-24 23",
            })
    void shouldRefuseADamagedBill(String what, String by) {
        String damaged = BILL.replace(what, by.equals("-") ? "" : by);

        assertThrows(
                IllegalArgumentException.class, () -> FundFlowBill.parse(damaged.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void shouldRefuseABillThatLacksALine() {
        String damaged =
                BILL.lines().filter(line -> !line.contains("1330001")).reduce("", (all, line) -> all + line + "\n");

        assertThrows(
                IllegalArgumentException.class, () -> FundFlowBill.parse(damaged.getBytes(StandardCharsets.UTF_8)));
    }
}
