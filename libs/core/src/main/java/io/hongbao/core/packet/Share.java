package io.hongbao.core.packet;

/**
 * One receiver's part of a packet.
 *
 * @param userId the receiver
 * @param sequence position in the order of opening, from 1
 * @param amountFen at least 1
 * @param openedAtMicros when the amount was decided, microseconds since 1970, by the database's clock
 */
public record Share(String userId, int sequence, long amountFen, long openedAtMicros) {
    /** Names nobody: this may end up in a log. */
    @Override
    public String toString() {
        return "Share[sequence=" + sequence + ", amountFen=" + amountFen + "]";
    }
}
