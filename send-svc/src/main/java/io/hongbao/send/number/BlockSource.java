package io.hongbao.send.number;

import java.util.concurrent.CompletionStage;

/** Where blocks of counters come from. */
@FunctionalInterface
public interface BlockSource {
    /** A block that nobody else got or will get. Ends within a bounded time, one way or the other. */
    CompletionStage<NumberBlock> next();
}
