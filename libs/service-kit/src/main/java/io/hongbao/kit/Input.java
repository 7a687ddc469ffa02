package io.hongbao.kit;

import static io.hongbao.v1.ErrorReason.*;

import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ErrorReason;

/**
 * Checks of what callers send, each with the one reason callers hear. All services check with these, so that the same
 * wrong input gets the same answer everywhere.
 */
public final class Input {
    /** Longest user, group and request id, characters; every one of them is one byte. */
    public static final int ID_LENGTH_MAX = 64;
    /** Longest greeting, code points: what a chat bubble shows. */
    public static final int GREETING_LENGTH_MAX = 128;

    private Input() {}

    public static String userId(String userId) {
        return id(userId, ERROR_REASON_USER_ID_INVALID, "user id");
    }

    public static String groupId(String groupId) {
        return id(groupId, ERROR_REASON_GROUP_ID_INVALID, "group id");
    }

    public static String requestId(String requestId) {
        return id(requestId, ERROR_REASON_REQUEST_ID_INVALID, "request id");
    }

    /** @return the decoded order number */
    public static PacketId packetId(long packetId) {
        if (!PacketId.isWellFormed(packetId)) {
            throw Refusal.of(ERROR_REASON_PACKET_ID_MALFORMED, "packet_id is not a 19-digit order number");
        }
        return new PacketId(packetId);
    }

    /** The order number, if it belongs to this region; otherwise a refusal that names the home region. */
    public static PacketId packetIdOfRegion(long packetId, int region) {
        PacketId id = packetId(packetId);
        if (id.region() != region) {
            throw Refusal.of(ERROR_REASON_WRONG_REGION, "the order belongs to another region")
                    .with("home_region", Integer.toString(id.region()));
        }
        return id;
    }

    public static String greeting(String greeting) {
        if (greeting.codePointCount(0, greeting.length()) > GREETING_LENGTH_MAX
                || greeting.codePoints().anyMatch(Input::isUnprintable)) {
            throw Refusal.of(
                    ERROR_REASON_GREETING_INVALID,
                    "greeting must be at most " + GREETING_LENGTH_MAX
                            + " characters, without control and direction characters");
        }
        return greeting;
    }

    public static String cityCode(String cityCode) {
        if (!cityCode.isEmpty() && (cityCode.length() != 6 || !cityCode.chars().allMatch(c -> c >= '0' && c <= '9'))) {
            throw Refusal.of(ERROR_REASON_CITY_CODE_INVALID, "city_code must be six digits or empty");
        }
        return cityCode;
    }

    /**
     * @param pageSize what the caller sent; 0 means the default
     * @return a size from 1 to {@code max}
     */
    public static int pageSize(int pageSize, int defaultSize, int max) {
        if (pageSize < 0 || pageSize > max) {
            throw Refusal.of(ERROR_REASON_PAGE_SIZE_OUT_OF_RANGE, "page_size must be 0 to " + max);
        }
        return pageSize == 0 ? defaultSize : pageSize;
    }

    private static String id(String value, ErrorReason reason, String what) {
        int length = value.length();
        boolean fits = length >= 1 && length <= ID_LENGTH_MAX;
        for (int i = 0; fits && i < length; i++) {
            fits = isIdCharacter(value.charAt(i));
        }
        if (!fits) {
            throw Refusal.of(reason, what + " must be 1 to " + ID_LENGTH_MAX + " characters of [A-Za-z0-9_.:@-]");
        }
        return value;
    }

    private static boolean isIdCharacter(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '_'
                || c == '.'
                || c == ':'
                || c == '@'
                || c == '-';
    }

    /**
     * Control characters break logs; direction marks make a greeting read as something else; lone surrogates and
     * noncharacters are no text. What this JDK's Unicode version has not assigned yet passes: phones have newer emoji.
     */
    private static boolean isUnprintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            default ->
                (c & 0xFFFE) == 0xFFFE
                        || c >= 0xFDD0 && c <= 0xFDEF
                        || c == 0x200E
                        || c == 0x200F
                        || c == 0x061C
                        || c >= 0x202A && c <= 0x202E
                        || c >= 0x2066 && c <= 0x2069;
        };
    }
}
