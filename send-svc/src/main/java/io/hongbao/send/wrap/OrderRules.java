package io.hongbao.send.wrap;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_AMOUNT_BELOW_SHARE_COUNT;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_AMOUNT_NOT_DIVISIBLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_EXCLUSIVE_USER_INVALID;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PACKET_KIND_INVALID;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_SHARE_COUNT_OUT_OF_RANGE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_TIME_TO_LIVE_OUT_OF_RANGE;

import com.google.protobuf.Duration;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.core.packet.Terms;
import io.hongbao.kit.Input;
import io.hongbao.kit.Refusal;
import io.hongbao.send.limits.Limits;
import io.hongbao.v1.CreatePacketRequest;

/**
 * What may be wrapped. A request with several faults hears of the first in this order, always the same:
 *
 * <ol>
 *   <li>REQUEST_ID_INVALID, USER_ID_INVALID (the sender), GROUP_ID_INVALID
 *   <li>PACKET_KIND_INVALID
 *   <li>SHARE_COUNT_OUT_OF_RANGE, also if an exclusive packet has not exactly one share
 *   <li>EXCLUSIVE_USER_INVALID: missing, malformed, or given for another kind
 *   <li>AMOUNT_OUT_OF_RANGE: below 1, or above the limit for that number of shares
 *   <li>AMOUNT_BELOW_SHARE_COUNT
 *   <li>AMOUNT_NOT_DIVISIBLE
 *   <li>GREETING_INVALID, CITY_CODE_INVALID
 *   <li>TIME_TO_LIVE_OUT_OF_RANGE
 * </ol>
 *
 * Whether the sender belongs to the group is not known here: the access layer answers for it.
 */
public final class OrderRules {
    private static final int MILLIS_PER_SECOND = 1_000;
    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final int NANOS_MAX = 999_999_999;

    private OrderRules() {}

    /** @throws Refusal with the reason that comes first */
    public static Order check(CreatePacketRequest request, Limits limits) {
        String requestId = Input.requestId(request.getRequestId());
        String senderId = Input.userId(request.getSenderId());
        String groupId = Input.groupId(request.getGroupId());
        PacketKind kind = kind(request);
        int shareCount = shareCount(request.getShareCount(), kind, limits);
        String exclusiveUserId = exclusiveUserId(request.getExclusiveUserId(), kind);
        long totalFen = totalFen(request.getTotalFen(), shareCount, kind, limits);
        String greeting = Input.greeting(request.getGreeting());
        String cityCode = Input.cityCode(request.getCityCode());
        long timeToLiveMillis = request.hasTimeToLive()
                ? timeToLiveMillis(request.getTimeToLive(), limits)
                : limits.timeToLiveMax().toMillis();
        return new Order(
                requestId,
                senderId,
                groupId,
                new Terms(kind, totalFen, shareCount, limits.shareFenMax()),
                exclusiveUserId,
                timeToLiveMillis,
                greeting,
                cityCode);
    }

    private static PacketKind kind(CreatePacketRequest request) {
        return switch (request.getKind()) {
            case PACKET_KIND_LUCKY -> PacketKind.LUCKY;
            case PACKET_KIND_EQUAL -> PacketKind.EQUAL;
            case PACKET_KIND_EXCLUSIVE -> PacketKind.EXCLUSIVE;
            case PACKET_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw Refusal.of(ERROR_REASON_PACKET_KIND_INVALID, "kind must be LUCKY, EQUAL or EXCLUSIVE");
        };
    }

    private static int shareCount(int shareCount, PacketKind kind, Limits limits) {
        int max = kind == PacketKind.EXCLUSIVE ? 1 : limits.shareCountMax();
        if (shareCount < 1 || shareCount > max) {
            throw Refusal.of(
                    ERROR_REASON_SHARE_COUNT_OUT_OF_RANGE,
                    max == 1 ? "share_count must be 1" : "share_count must be 1 to " + max);
        }
        return shareCount;
    }

    private static String exclusiveUserId(String userId, PacketKind kind) {
        if (kind != PacketKind.EXCLUSIVE) {
            if (!userId.isEmpty()) {
                throw Refusal.of(
                        ERROR_REASON_EXCLUSIVE_USER_INVALID, "exclusive_user_id is for EXCLUSIVE packets only");
            }
            return userId;
        }
        try {
            return Input.userId(userId);
        } catch (Refusal malformed) {
            throw Refusal.of(
                    ERROR_REASON_EXCLUSIVE_USER_INVALID, "exclusive_user_id must name the receiver: a user id");
        }
    }

    private static long totalFen(long totalFen, int shareCount, PacketKind kind, Limits limits) {
        // Cannot overflow: the limits have ceilings.
        long max = limits.shareFenMax() * shareCount;
        if (totalFen < 1 || totalFen > max) {
            throw Refusal.of(
                    ERROR_REASON_AMOUNT_OUT_OF_RANGE, "total_fen must be 1 to " + max + " for this number of shares");
        }
        if (totalFen < shareCount) {
            throw Refusal.of(ERROR_REASON_AMOUNT_BELOW_SHARE_COUNT, "total_fen must be at least 1 for each share");
        }
        if (kind == PacketKind.EQUAL && totalFen % shareCount != 0) {
            throw Refusal.of(
                    ERROR_REASON_AMOUNT_NOT_DIVISIBLE, "total_fen of an EQUAL packet must divide by share_count");
        }
        return totalFen;
    }

    /** Parts of a millisecond are cut off: the store counts in milliseconds. */
    private static long timeToLiveMillis(Duration timeToLive, Limits limits) {
        long max = limits.timeToLiveMax().toMillis();
        long seconds = timeToLive.getSeconds();
        int nanos = timeToLive.getNanos();
        // The first test keeps the sum below from overflowing.
        boolean fits = seconds >= 0 && seconds <= max / MILLIS_PER_SECOND && nanos >= 0 && nanos <= NANOS_MAX;
        long millis = fits ? seconds * MILLIS_PER_SECOND + nanos / NANOS_PER_MILLI : 0;
        boolean over = millis > max || millis == max && nanos % NANOS_PER_MILLI != 0;
        if (millis < Limits.TIME_TO_LIVE_MIN.toMillis() || over) {
            throw Refusal.of(
                    ERROR_REASON_TIME_TO_LIVE_OUT_OF_RANGE,
                    "time_to_live must be " + Limits.TIME_TO_LIVE_MIN.toSeconds() + " s to "
                            + limits.timeToLiveMax().toSeconds() + " s");
        }
        return millis;
    }
}
