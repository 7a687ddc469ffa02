package io.hongbao.cli.demo;

import io.hongbao.v1.PacketKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A packet to send, and who rushes it.
 *
 * @param timeToLive short if the packet shall expire before everything is opened; the service's own if empty
 * @param crowd users who grab and open at once
 * @param latecomer comes after everything is over
 */
record PacketPlan(
        int index,
        PacketKind kind,
        long totalFen,
        int shareCount,
        String senderId,
        String exclusiveUserId,
        String greeting,
        Optional<Duration> timeToLive,
        List<String> crowd,
        String latecomer) {
    /** Long enough for a small crowd to open on a busy machine, short enough to watch. */
    static final Duration SHORT_LIFE = Duration.ofSeconds(3);

    private static final long LUCKY_MEAN_FEN = 1_000;
    private static final long EQUAL_FEN = 888;
    private static final long EXCLUSIVE_FEN = 5_200;

    boolean expires() {
        return timeToLive.isPresent();
    }

    /** One of each: lucky, equal, exclusive, and one that expires; then the same again. */
    static List<PacketPlan> of(Scale scale) {
        var plans = new ArrayList<PacketPlan>();
        List<String> everybody = Cast.crowd(scale.crowdSize() + 1);
        List<String> crowd = everybody.subList(0, scale.crowdSize());
        String latecomer = everybody.getLast();
        for (int i = 0; i < scale.packetCount(); i++) {
            plans.add(
                    switch (i % 4) {
                        case 0 -> lucky(i, scale.shareCount(), crowd, latecomer, "恭喜发财，大吉大利", Optional.empty());
                        case 1 ->
                            new PacketPlan(
                                    i,
                                    PacketKind.PACKET_KIND_EQUAL,
                                    EQUAL_FEN * scale.shareCount(),
                                    scale.shareCount(),
                                    Cast.sender(i),
                                    "",
                                    "人人有份",
                                    Optional.empty(),
                                    crowd,
                                    latecomer);
                        case 2 ->
                            new PacketPlan(
                                    i,
                                    PacketKind.PACKET_KIND_EXCLUSIVE,
                                    EXCLUSIVE_FEN,
                                    1,
                                    Cast.sender(i),
                                    crowd.get(i % crowd.size()),
                                    "只给你",
                                    Optional.empty(),
                                    crowd,
                                    latecomer);
                        default ->
                            lucky(
                                    i,
                                    scale.shareCount(),
                                    crowd.subList(0, Math.max(1, scale.shareCount() / 2)),
                                    latecomer,
                                    "手快有，手慢无",
                                    Optional.of(SHORT_LIFE));
                    });
        }
        return plans;
    }

    private static PacketPlan lucky(
            int index, int shareCount, List<String> crowd, String latecomer, String greeting, Optional<Duration> life) {
        return new PacketPlan(
                index,
                PacketKind.PACKET_KIND_LUCKY,
                LUCKY_MEAN_FEN * shareCount,
                shareCount,
                Cast.sender(index),
                "",
                greeting,
                life,
                crowd,
                latecomer);
    }
}
