package io.hongbao.cli.demo;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.hongbao.cli.call.Words;
import io.hongbao.cli.promise.PromiseTable;
import io.hongbao.cli.text.DisplayWidth;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.text.Yuan;
import io.hongbao.cli.verify.FairnessProof;
import io.hongbao.v1.Packet;
import io.hongbao.v1.Share;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells the demo to a person: every kind of packet once, the wallets, the proofs, the promises. */
final class StoryTeller {
    /** Receivers whose wallets are shown. */
    static final int WALLETS_MAX = 6;
    /** One of each kind tells it all. */
    private static final int PACKETS_MAX = 4;

    private static final int SHARES_MAX = 10;
    private static final int NAMES_WIDTH = 60;
    private static final int HASH_BYTES_SHOWN = 8;

    private final PrintWriter out;

    StoryTeller(PrintWriter out) {
        this.out = out;
    }

    void tell(Demo.Ending ending) {
        Demo.Story story = ending.story();
        story.packets().stream().limit(PACKETS_MAX).forEach(this::packet);
        if (story.packets().size() > PACKETS_MAX) {
            out.println("… and " + (story.packets().size() - PACKETS_MAX) + " more packets\n");
        }
        out.println("A packet that nobody paid: who tried to open it heard “" + story.unpaid() + "”\n");
        wallets(story);
        proofs(story.packets());
        out.println(
                "Promises, as the databases and " + ending.result().verdict().answerCount() + " answers tell");
        out.print(PromiseTable.of(ending.result().verdict()));
        ending.result().problems().forEach(problem -> out.println("  ✗ " + problem));
        out.flush();
    }

    private void packet(PacketStory story) {
        PacketPlan plan = story.plan();
        Packet packet = story.view().packet();
        out.println("🧧 %s · %s yuan, %d share%s · from %s%s · “%s”"
                .formatted(
                        plan.expires()
                                ? "short, " + plan.timeToLive().orElseThrow().toSeconds() + " s to live"
                                : Words.of(plan.kind()),
                        Yuan.of(plan.totalFen()),
                        plan.shareCount(),
                        plan.shareCount() == 1 ? "" : "s",
                        plan.senderId(),
                        plan.exclusiveUserId().isEmpty() ? "" : " to " + plan.exclusiveUserId(),
                        plan.greeting()));
        out.println("   packet " + story.packetId() + ", " + plan.crowd().size() + " rush for it");
        var shares = Table.indented("   ").right("#").left("user").right("yuan").left("");
        for (Share share : story.view().shares().stream().limit(SHARES_MAX).toList()) {
            shares.row(
                    share.getSequence(),
                    share.getUserId(),
                    Yuan.of(share.getAmountFen()),
                    share.getBestLuck() ? "★ best luck" : "");
        }
        out.print(shares);
        int unseen = story.view().shares().size() - SHARES_MAX;
        if (unseen > 0) {
            out.println("   … and " + unseen + " more"
                    + (packet.getBestLuckUserId().isEmpty() ? "" : "; best luck: " + packet.getBestLuckUserId()));
        }
        story.refused().stream()
                .collect(groupingBy(Outcome.Refused::why, LinkedHashMap::new, java.util.stream.Collectors.toList()))
                .forEach((why, refused) -> out.println("   %d heard “%s”: %s"
                        .formatted(
                                refused.size(),
                                why,
                                DisplayWidth.cut(
                                        refused.stream()
                                                .map(Outcome.Refused::userId)
                                                .collect(joining(", ")),
                                        NAMES_WIDTH))));
        if (story.late() instanceof Outcome.Refused late) {
            out.println("   later %s heard “%s”".formatted(late.userId(), late.why()));
        }
        if (packet.getRefundFen() > 0) {
            out.println("   refund of %d unopened share%s: %s yuan to %s"
                    .formatted(
                            plan.shareCount() - story.view().shares().size(),
                            plan.shareCount() - story.view().shares().size() == 1 ? "" : "s",
                            Yuan.of(packet.getRefundFen()),
                            plan.senderId()));
        }
        out.println();
    }

    private void wallets(Demo.Story story) {
        out.println("Wallets");
        var table = Table.indented("  ")
                .left("user")
                .right("deposit")
                .right("sent")
                .right("refunded")
                .right("received")
                .right("now");
        for (Map.Entry<String, Long> wallet : story.balancesFen().entrySet()) {
            String user = wallet.getKey();
            long sentFen = 0;
            long refundedFen = 0;
            long receivedFen = 0;
            for (PacketStory packet : story.packets()) {
                if (packet.plan().senderId().equals(user)) {
                    sentFen += packet.plan().totalFen();
                    refundedFen += packet.view().packet().getRefundFen();
                }
                receivedFen += packet.view().shares().stream()
                        .filter(share -> share.getUserId().equals(user))
                        .mapToLong(Share::getAmountFen)
                        .sum();
            }
            table.row(
                    user,
                    blankZero(story.depositsFen().getOrDefault(user, 0L)),
                    blankZero(-sentFen),
                    blankZero(refundedFen),
                    blankZero(receivedFen),
                    Yuan.of(wallet.getValue()));
        }
        out.println(table);
    }

    private static String blankZero(long fen) {
        return fen == 0 ? "" : Yuan.of(fen);
    }

    private void proofs(List<PacketStory> packets) {
        out.println("Fairness: hash published at the start, seed at the end, every amount recomputed");
        var table =
                Table.indented("  ").left("packet").left("hash").left("seed").left("amounts");
        var shown = new ArrayList<>(packets.subList(0, Math.min(PACKETS_MAX, packets.size())));
        for (PacketStory story : shown) {
            Packet packet = story.view().packet();
            table.row(
                    story.packetId(),
                    shortHex(packet.getSeedHash().toByteArray()),
                    shortHex(packet.getSeed().toByteArray()),
                    switch (story.proof()) {
                        case FairnessProof.Matching matching ->
                            "✓ " + matching.lines().size() + " of "
                                    + story.view().shares().size() + " match";
                        case FairnessProof.Broken broken ->
                            "✗ " + broken.differences().getFirst();
                        case FairnessProof.NotRevealed notRevealed -> "not revealed";
                    });
        }
        out.print(table);
        if (packets.size() > shown.size()) {
            long matching = packets.stream()
                    .filter(story -> story.proof() instanceof FairnessProof.Matching)
                    .count();
            out.println("  in all, " + matching + " of " + packets.size() + " packets match");
        }
        out.println();
    }

    private static String shortHex(byte[] bytes) {
        return bytes.length == 0
                ? "–"
                : HexFormat.of().formatHex(bytes, 0, Math.min(HASH_BYTES_SHOWN, bytes.length)) + "…";
    }
}
