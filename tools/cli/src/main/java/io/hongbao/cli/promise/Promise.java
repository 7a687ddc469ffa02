package io.hongbao.cli.promise;

/** What the red packet back end promises; each is checked from what is stored and what was answered. */
public enum Promise {
    I1("conservation: opened + remaining + refunded = paid"),
    I2("one user, at most one share of a packet"),
    I3("at most n shares of at least 1 fen, drawn from the seed; the last takes the rest"),
    I4("an answered open is stored, as it was answered"),
    I5("one credit for each share, at most one refund for each packet"),
    I6("no open after the refund is decided"),
    I7("the same request gets the same answer"),
    I8("no open of an unpaid packet"),
    I9("every accepted operation has reached a final state; checked once all has come to rest"),
    I10("the audit chain is unbroken");

    private final String title;

    Promise(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
