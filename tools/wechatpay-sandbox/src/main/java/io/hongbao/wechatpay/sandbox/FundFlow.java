package io.hongbao.wechatpay.sandbox;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Every movement of the merchant's basic account, and the fund-flow bill of one day: a line of names, a line for each
 * movement with a backtick before each value, and two lines that sum up.
 */
final class FundFlow {
    static final String NAMES = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
    private static final String SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private final List<Movement> movements = new ArrayList<>();
    private long balanceFen;

    /** @param fen more than 0 into the account, less than 0 out of it */
    synchronized void add(String number, String business, long fen, String voucher) {
        balanceFen += fen;
        movements.add(new Movement(
                Instant.now(), number, "10000" + (movements.size() + 1), business, fen, balanceFen, voucher));
    }

    synchronized List<Movement> of(LocalDate day) {
        return movements.stream()
                .filter(movement -> china(movement).toLocalDate().equals(day))
                .toList();
    }

    static String csv(List<Movement> movements) {
        var csv = new StringBuilder(NAMES).append("\r\n");
        for (Movement one : movements) {
            csv.append(values(
                    TIME.format(china(one)),
                    one.number(),
                    one.flowNumber(),
                    one.business(),
                    one.business(),
                    one.fen() >= 0 ? "收入" : "支出",
                    yuan(Math.abs(one.fen())),
                    yuan(one.balanceFen()),
                    "system",
                    "一,二",
                    one.voucher()));
        }
        List<Movement> in =
                movements.stream().filter(movement -> movement.fen() >= 0).toList();
        List<Movement> out =
                movements.stream().filter(movement -> movement.fen() < 0).toList();
        return csv.append(SUMS)
                .append("\r\n")
                .append(values(count(movements), count(in), sum(in), count(out), sum(out)))
                .toString();
    }

    private static String values(String... values) {
        return "`" + String.join(",`", values) + "\r\n";
    }

    /** As WeChat Pay writes counts. */
    private static String count(List<Movement> movements) {
        return movements.size() + ".0";
    }

    private static String sum(List<Movement> movements) {
        return yuan(Math.abs(movements.stream().mapToLong(Movement::fen).sum()));
    }

    private static String yuan(long fen) {
        return "%d.%02d".formatted(fen / 100, fen % 100);
    }

    private static ZonedDateTime china(Movement movement) {
        return movement.at().atZone(Sandbox.CHINA);
    }
}
