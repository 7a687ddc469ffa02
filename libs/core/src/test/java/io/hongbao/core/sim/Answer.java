package io.hongbao.core.sim;

import io.hongbao.core.packet.Decision;

/** What a client hears. */
sealed interface Answer {
    record Opened(int sequence, long amountFen) implements Answer {}

    record Refused(Decision.Refused why) implements Answer {}

    /** The connection broke: the client knows nothing and asks again. */
    enum Lost implements Answer {
        LOST
    }
}
