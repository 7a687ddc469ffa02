package io.hongbao.peers;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_NOT_PAID;

import com.google.protobuf.Timestamp;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;

/** The answers of open-svc. */
final class Answers {
    /** States of a packet's row. */
    static final int OPEN = 2;

    static final int FINISHED = 3;
    private static final int EXPIRED = 4;

    private static final OpenResponse SOLD_OUT =
            OpenResponse.newBuilder().setResult(OpenResult.OPEN_RESULT_SOLD_OUT).build();
    private static final OpenResponse LATE =
            OpenResponse.newBuilder().setResult(OpenResult.OPEN_RESULT_EXPIRED).build();

    private Answers() {}

    static OpenResponse opened(long amountFen, int sequence, long openedAtMicros, boolean replay) {
        return OpenResponse.newBuilder()
                .setResult(OpenResult.OPEN_RESULT_OPENED)
                .setAmountFen(amountFen)
                .setSequence(sequence)
                .setReplay(replay)
                .setOpenedAt(Timestamp.newBuilder()
                        .setSeconds(openedAtMicros / 1_000_000)
                        .setNanos((int) (openedAtMicros % 1_000_000) * 1_000))
                .build();
    }

    /** @param state of a packet that is not open */
    static OpenResponse notOpen(int state) {
        return switch (state) {
            case FINISHED -> SOLD_OUT;
            case EXPIRED -> LATE;
            default -> throw Refusal.of(ERROR_REASON_PACKET_NOT_PAID, "the packet is not paid");
        };
    }
}
