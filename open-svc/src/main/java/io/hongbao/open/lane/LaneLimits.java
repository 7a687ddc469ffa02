package io.hongbao.open.lane;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The bounds of the path of an open. Every one of them refuses with a retry hint and is counted. */
@ConfigMapping(prefix = "hongbao.lanes")
public interface LaneLimits {
    /** Lanes of each SET. One, since a large batch costs less than two small ones; a second one commits beside it. */
    @WithDefault("1")
    int perSet();

    /** Shares in one batch. Beyond some hundreds a batch gains nothing more and keeps its first caller waiting. */
    @WithDefault("512")
    int batchSharesMax();

    /**
     * Tables one batch writes to. Each costs the server some 40 µs in a batch, however few rows go there, as much as ten
     * opens. Packets of other tables wait for the next batch, first come first served, and make it the larger.
     */
    @WithDefault("12")
    int tablesPerBatchMax();

    /** Requests that wait for one packet: a group has at most 500 members, and each may tap twice. */
    @WithDefault("1024")
    int queuedPerPacketMax();

    /** Requests that wait in one lane: about half a second of its work. */
    @WithDefault("16384")
    int queuedPerLaneMax();

    /** After waiting this long a request is refused: its caller has given up, or soon will. */
    @WithDefault("1s")
    Duration queueingTimeMax();

    /** Packets one lane remembers. Some hundred bytes each, and up to 50 kB for one with 500 shares. */
    @WithDefault("200000")
    int rememberedPacketsMax();

    /** A packet nobody asked for during this time is forgotten. A rush lasts seconds. */
    @WithDefault("60s")
    Duration idleMax();

    /** Attempts to commit one packet's opens before its callers hear UNAVAILABLE. Each reloads the packet first. */
    @WithDefault("5")
    int attemptsMax();

    /**
     * Pods that may open one packet at once after they met at it: the owner, and one more while ownership moves. Each of
     * them undoes work of the others.
     */
    @WithDefault("2")
    int podsPerPacketMax();

    /** After this a pod that was counted and has met nobody since is not counted any more, nor one that died. */
    @WithDefault("3s")
    Duration podPlaceTime();
}
