package io.hongbao.cli.promise;

import io.hongbao.v1.OpenResult;

/**
 * What a client heard from one open.
 *
 * @param askedAtNanos when the request went out, by {@link System#nanoTime()} of the client
 * @param answeredAtNanos when the answer came in, by the same clock
 */
public record OpenAnswer(
        long packetId,
        String userId,
        String requestId,
        OpenResult result,
        long amountFen,
        int sequence,
        boolean replay,
        long askedAtNanos,
        long answeredAtNanos) {}
