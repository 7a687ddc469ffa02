package io.hongbao.cli.text;

import java.math.BigDecimal;

/** Amounts as people write them. Inside, money is always fen in a {@code long}. */
public final class Yuan {
    private static final int FEN_DIGITS = 2;

    private Yuan() {}

    /** {@code 1234} fen is {@code "12.34"}; exact for every {@code long}. */
    public static String of(long amountFen) {
        return BigDecimal.valueOf(amountFen, FEN_DIGITS).toPlainString();
    }

    /**
     * The fen in an amount of yuan with at most two decimals.
     *
     * @throws IllegalArgumentException if the text is no such amount
     */
    public static long parseFen(String yuan) {
        try {
            return new BigDecimal(yuan).movePointRight(FEN_DIGITS).longValueExact();
        } catch (ArithmeticException | NumberFormatException wrong) {
            throw new IllegalArgumentException(
                    "'" + yuan + "' is not an amount in yuan with at most two decimals", wrong);
        }
    }
}
