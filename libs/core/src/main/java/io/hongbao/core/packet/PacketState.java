package io.hongbao.core.packet;

import io.hongbao.core.split.Seed;
import io.hongbao.core.split.Split;

/**
 * Where a packet stands. The methods of each state are its legal transitions; what is not there cannot happen.
 *
 * <pre>
 *                    publish              last open
 *  AwaitingPayment ──────────▶ Open ─────────────────▶ Finished
 *         │                   ││ ▲ ▲
 *         │ close        open │└─┘ │       expire
 *         ▼                   ├────┼──────────────────▶ Expired
 *       Closed         freeze ▼    │ unfreeze
 *                           Frozen ┘
 * </pre>
 */
public sealed interface PacketState {
    /** The number in stores and contracts, never changed. */
    int code();

    /** What may still be opened. */
    default long surplusFen() {
        return 0;
    }

    /** Shares that may still be opened. */
    default int surplusCount() {
        return 0;
    }

    /** What went, or goes, back to the sender. */
    default long refundFen() {
        return 0;
    }

    /** Wrapped, not paid: nothing can be opened. */
    record AwaitingPayment() implements PacketState {
        public static final int CODE = 1;

        public Open publish(Terms terms) {
            return new Open(terms.totalFen(), terms.shareCount());
        }

        public Closed close() {
            return new Closed();
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * Paid and published.
     *
     * @param surplusFen what is left, at least {@code surplusCount}
     * @param surplusCount shares left, at least 1
     */
    record Open(long surplusFen, int surplusCount) implements PacketState {
        public static final int CODE = 2;

        public Open {
            if (surplusCount < 1 || surplusFen < surplusCount) {
                throw new IllegalArgumentException(surplusFen + " fen cannot be left for " + surplusCount + " shares");
            }
        }

        /** Opens the next share. */
        public Opening open(Terms terms, Seed seed) {
            long amountFen = Split.amountFen(terms, seed, surplusFen, surplusCount);
            int sequence = terms.shareCount() - surplusCount + 1;
            PacketState next = surplusCount == 1 ? new Finished() : new Open(surplusFen - amountFen, surplusCount - 1);
            return new Opening(sequence, amountFen, next);
        }

        /** Refunds what is left. */
        public Expired expire() {
            return new Expired(surplusFen);
        }

        /** Gives nothing out until somebody has found out what is wrong. */
        public Frozen freeze() {
            return new Frozen(surplusFen, surplusCount);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** Every share is open. Final. */
    record Finished() implements PacketState {
        public static final int CODE = 3;

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * What was left goes back to the sender. Final.
     *
     * @param refundFen at least 1
     */
    record Expired(long refundFen) implements PacketState {
        public static final int CODE = 4;

        public Expired {
            if (refundFen < 1) {
                throw new IllegalArgumentException("an expired packet refunds at least 1 fen, not " + refundFen);
            }
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * Something about it cannot be explained: nothing is opened and nothing refunded until an operator unfreezes it.
     *
     * @param surplusFen what is left, as it was when the packet was frozen
     * @param surplusCount shares left, as they were then
     */
    record Frozen(long surplusFen, int surplusCount) implements PacketState {
        public static final int CODE = 6;

        public Open unfreeze() {
            return new Open(surplusFen, surplusCount);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** Never paid. Final. */
    record Closed() implements PacketState {
        public static final int CODE = 5;

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * One share decided.
     *
     * @param sequence position in the order of opening, from 1
     * @param amountFen at least 1
     * @param next where the packet stands then
     */
    record Opening(int sequence, long amountFen, PacketState next) {}

    /**
     * The state a store's row stands for.
     *
     * @throws IllegalArgumentException if no state has the code
     */
    static PacketState ofRow(int code, long surplusFen, int surplusCount, long refundFen) {
        return switch (code) {
            case AwaitingPayment.CODE -> new AwaitingPayment();
            case Open.CODE -> new Open(surplusFen, surplusCount);
            case Finished.CODE -> new Finished();
            case Expired.CODE -> new Expired(refundFen);
            case Closed.CODE -> new Closed();
            case Frozen.CODE -> new Frozen(surplusFen, surplusCount);
            default -> throw new IllegalArgumentException("no packet state has code " + code);
        };
    }
}
