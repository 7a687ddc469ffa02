package io.hongbao.send.wrap;

import io.hongbao.core.packet.Terms;

/**
 * A request to wrap a packet that passed every check.
 *
 * @param exclusiveUserId the only receiver, or empty
 * @param timeToLiveMillis how long it may be opened once it is paid
 * @param greeting the sender's words, or empty
 * @param cityCode six digits, or empty
 */
public record Order(
        String requestId,
        String senderId,
        String groupId,
        Terms terms,
        String exclusiveUserId,
        long timeToLiveMillis,
        String greeting,
        String cityCode) {}
