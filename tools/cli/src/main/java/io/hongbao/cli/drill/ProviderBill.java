package io.hongbao.cli.drill;

import io.hongbao.cli.recon.Bill;
import io.hongbao.cli.recon.Difference;
import io.hongbao.cli.recon.Kind;
import io.hongbao.core.id.PacketId;
import io.hongbao.wechatpay.sandbox.Movement;
import io.hongbao.wechatpay.sandbox.Sandbox;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** WeChat Pay's bill of the day against the ledger: nothing differs, until the bill says something else. */
final class ProviderBill implements Drill {
    private static final int PACKET_COUNT = 10;
    private static final Duration FETCH_MAX = Duration.ofSeconds(60);
    private static final Duration HORIZON = Duration.ofSeconds(1);
    /** Where the sandbox's bill is falsified: movements of three payments. */
    private static final int MISSING = 0;

    private static final int DIFFERENT = 1;
    private static final int FEE = 2;

    @Override
    public String name() {
        return "provider-bill";
    }

    @Override
    public String summary() {
        return "WeChat Pay's daily bill: agrees with the ledger; cut it is refused, falsified each difference is named";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        try (var money = OutsideMoney.start(drill)) {
            Sandbox sandbox = money.weChatPay().sandbox();
            int day = PacketId.dayOf(LocalDate.now(PacketId.ZONE));
            var payments = money.wrap(PACKET_COUNT);
            payments.forEach(payment -> sandbox.pay(payment, true));
            money.awaitConfirmed(payments);
            money.openAll();
            money.requirePaidOut();
            var bill = new Bill(money.stack().running().stores().ledger(), PacketId.NORTH, day, HORIZON);

            drill.require(compare(drill, bill).isEmpty(), "the bill differs from the ledger");
            drill.figure("lines", bill.look().orElseThrow().lineCount());

            sandbox.cutBills(true);
            bill.want(true);
            drill.await(
                    "the cut bill to be refused",
                    FETCH_MAX,
                    () -> bill.look().orElseThrow().lastWord().startsWith("DAMAGED"));
            sandbox.cutBills(false);

            sandbox.falsifyBills(ProviderBill::falsified);
            List<Kind> found =
                    compare(drill, bill).stream().map(Difference::kind).sorted().toList();
            drill.figure("found", found);
            drill.require(
                    found.equals(List.of(Kind.BILL_UNKNOWN, Kind.BILL_DIFFERS, Kind.BILL_MISSING)),
                    "of a missing, a changed and a strange movement, found were " + found);

            sandbox.falsifyBills(UnaryOperator.identity());
            drill.require(compare(drill, bill).isEmpty(), "the bill still differs from the ledger");
        }
    }

    /** One movement is missing, one is over another amount, one is of nobody; and a fee, which is no difference. */
    private static List<Movement> falsified(List<Movement> movements) {
        var other = new ArrayList<>(movements);
        Movement different = other.get(DIFFERENT);
        other.set(DIFFERENT, of(different.number(), different.business(), different.fen() + 1, different));
        other.add(of("4200ghost", "交易", 1, different));
        other.add(of(other.get(FEE).number(), "扣除交易手续费", -2, different));
        other.remove(MISSING);
        return other;
    }

    private static Movement of(String number, String business, long fen, Movement like) {
        return new Movement(like.at(), number, like.flowNumber() + "x", business, fen, 0, like.voucher());
    }

    private static List<Difference> compare(DrillContext drill, Bill bill) throws InterruptedException, SQLException {
        bill.want(true);
        drill.await("the bill", FETCH_MAX, () -> bill.look().orElseThrow().fetched());
        return bill.compare().differences();
    }
}
