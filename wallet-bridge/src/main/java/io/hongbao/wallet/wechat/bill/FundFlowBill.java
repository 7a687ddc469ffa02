package io.hongbao.wallet.wechat.bill;

import io.hongbao.core.id.PacketId;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A fund-flow bill of WeChat Pay: UTF-8, a line of names, a line for each movement of our account with a backtick before
 * each value, and two lines that sum up. Columns are found by their names, so that a new one does no harm.
 */
record FundFlowBill(List<Line> lines, long incomeFen, long outgoFen) {
    private static final String TIME = "记账时间";
    private static final String NUMBER = "微信支付业务单号";
    private static final String BUSINESS = "业务类型";
    private static final String DIRECTION = "收支类型";
    private static final String AMOUNT = "收支金额(元)";
    private static final String INCOME = "收入";
    private static final String OUTGO = "支出";
    private static final List<String> SUMS = List.of("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额");
    private static final DateTimeFormatter TIMES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int FEN_DIGITS = 2;

    /**
     * One movement.
     *
     * @param providerNumber WeChat Pay's number of the payment, refund or transfer
     * @param business in WeChat Pay's words
     * @param amountFen more than 0 into our account, less than 0 out of it
     */
    record Line(OffsetDateTime at, String providerNumber, String business, long amountFen) {}

    /** A day on which nothing moved. */
    static final FundFlowBill EMPTY = new FundFlowBill(List.of(), 0, 0);

    /** @throws IllegalArgumentException if it is damaged: not of this form, or its lines do not come to its sums */
    static FundFlowBill parse(byte[] csv) {
        List<String> rows = new String(csv, StandardCharsets.UTF_8)
                .replaceFirst("^" + BYTE_ORDER_MARK, "")
                .lines()
                .filter(row -> !row.isBlank())
                .toList();
        require(rows.size() >= 3, "a bill has three lines at least");
        List<String> names = split(rows.getFirst(), ",");
        int time = column(names, TIME);
        int number = column(names, NUMBER);
        int business = column(names, BUSINESS);
        int direction = column(names, DIRECTION);
        int amount = column(names, AMOUNT);
        require(split(rows.get(rows.size() - 2), ",").equals(SUMS), "the sums have other names");
        var lines = new ArrayList<Line>();
        for (String row : rows.subList(1, rows.size() - 2)) {
            List<String> values = values(row);
            require(values.size() == names.size(), "a line has another number of values");
            long fen = fen(values.get(amount));
            require(fen >= 0, "an amount is less than 0");
            lines.add(new Line(
                    time(values.get(time)),
                    values.get(number),
                    values.get(business),
                    switch (values.get(direction)) {
                        case INCOME -> fen;
                        case OUTGO -> -fen;
                        default -> throw new IllegalArgumentException("a movement goes neither in nor out");
                    }));
        }
        List<String> sums = values(rows.getLast());
        require(sums.size() == SUMS.size(), "the sums have another number of values");
        long incomeFen = lines.stream()
                .mapToLong(Line::amountFen)
                .filter(fen -> fen >= 0)
                .sum();
        long outgoFen = -lines.stream()
                .mapToLong(Line::amountFen)
                .filter(fen -> fen < 0)
                .sum();
        long incomeCount = lines.stream().filter(line -> line.amountFen() >= 0).count();
        require(
                count(sums.get(0)) == lines.size()
                        && count(sums.get(1)) == incomeCount
                        && fen(sums.get(2)) == incomeFen
                        && count(sums.get(3)) == lines.size() - incomeCount
                        && fen(sums.get(4)) == outgoFen,
                "the lines do not come to the sums");
        return new FundFlowBill(lines, incomeFen, outgoFen);
    }

    private static List<String> split(String row, String between) {
        return Arrays.stream(row.split(between, -1)).map(String::strip).toList();
    }

    /** Values may hold commas: what parts them is a comma before a backtick. */
    private static List<String> values(String row) {
        require(row.startsWith("`"), "a value has no backtick");
        return split(row.substring(1), ",`");
    }

    private static int column(List<String> names, String name) {
        int column = names.indexOf(name);
        require(column >= 0, "a column is missing");
        return column;
    }

    private static OffsetDateTime time(String text) {
        try {
            return LocalDateTime.parse(text, TIMES).atZone(PacketId.ZONE).toOffsetDateTime();
        } catch (DateTimeException noTime) {
            throw new IllegalArgumentException("a time is none", noTime);
        }
    }

    private static long fen(String yuan) {
        try {
            return new BigDecimal(yuan).movePointRight(FEN_DIGITS).longValueExact();
        } catch (ArithmeticException | NumberFormatException noAmount) {
            throw new IllegalArgumentException("an amount is none", noAmount);
        }
    }

    private static long count(String text) {
        try {
            return new BigDecimal(text).longValueExact();
        } catch (ArithmeticException | NumberFormatException noCount) {
            throw new IllegalArgumentException("a count is none", noCount);
        }
    }

    private static void require(boolean so, String otherwise) {
        if (!so) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
