package io.hongbao.core.assertion;

/**
 * Who asks.
 *
 * @param userId 1 to 64 characters of {@code [A-Za-z0-9_.:@-]}
 * @param groupId where the user asks, of which he is a member; empty for what belongs to no group, a balance for instance
 */
public record Asker(String userId, String groupId) {
    /** A user on his own. */
    public static Asker of(String userId) {
        return new Asker(userId, "");
    }
}
