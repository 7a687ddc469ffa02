package io.hongbao.grab;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_IN_GROUP;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;
import static io.hongbao.v1.GrabResult.*;

import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.grab.GrabMetrics.Source;
import io.hongbao.grab.memory.FinishedPackets;
import io.hongbao.grab.ticket.RateLimit;
import io.hongbao.kit.Refusal;
import io.hongbao.stock.FinalMark;
import io.hongbao.stock.GrabAnswer;
import io.hongbao.stock.GrabAnswer.Denied;
import io.hongbao.stock.GrabAnswer.Leased;
import io.hongbao.stock.StockClient;
import io.hongbao.stock.StockUnavailableException;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;

/**
 * Decides who may try to open: this pod's memory first, then Redis in one round trip. Where neither knows, a ticket is
 * issued all the same, at a bounded rate, and the open decides: without Redis the house is slower and never wrong.
 *
 * <p>A packet that is final is answered SOLD_OUT or EXPIRED to everybody of its group, also to those who have a share:
 * theirs is found by asking for it.
 */
@Singleton
public class GrabFilter {
    private final FinishedPackets finished;
    private final StockClient stock;
    private final TicketSigner signer;
    private final RateLimit unchecked;
    private final GrabMetrics metrics;
    private final Duration lease;
    private final Clock clock = Clock.systemUTC();

    private static final GrabResponse SOLD_OUT = refused(GRAB_RESULT_SOLD_OUT);
    private static final GrabResponse EXPIRED = refused(GRAB_RESULT_EXPIRED);
    private static final GrabResponse ALREADY_OPENED = refused(GRAB_RESULT_ALREADY_OPENED);
    private static final GrabResponse NOT_FOR_YOU = refused(GRAB_RESULT_NOT_FOR_YOU);

    GrabFilter(
            FinishedPackets finished, StockClient stock, TicketSigner signer, GrabMetrics metrics, GrabConfig config) {
        this.finished = finished;
        this.stock = stock;
        this.signer = signer;
        this.metrics = metrics;
        this.lease = config.lease();
        this.unchecked = new RateLimit(config.uncheckedTicketsPerSecond(), System::nanoTime);
        if (lease.toMillis() < 1) {
            throw new IllegalArgumentException("hongbao.grab.lease is below 1 ms");
        }
    }

    /** Answers a grab; fails with a Refusal NOT_IN_GROUP or OVERLOADED. The arguments are checked already. */
    public Uni<GrabResponse> grab(PacketId packetId, String userId, String groupId) {
        var entry = finished.find(packetId.value());
        if (entry.isPresent() && entry.get().knowsGroup()) {
            if (!entry.get().groupId().equals(groupId)) {
                throw notInGroup(Source.MEMORY);
            }
            return Uni.createFrom().item(refuse(Source.MEMORY, entry.get().mark()));
        }
        long startNanos = System.nanoTime();
        return stock.grab(packetId, userId, groupId, lease)
                .onItem()
                .transform(answer -> {
                    metrics.redisAnswered(System.nanoTime() - startNanos);
                    return answered(answer, packetId, userId, groupId);
                })
                .onFailure(StockUnavailableException.class)
                .recoverWithUni(() -> {
                    metrics.redisFailed();
                    return degradedLater(packetId, userId);
                });
    }

    /** A refusal thrown while another failure is handled would be wrapped together with it. */
    private Uni<GrabResponse> degradedLater(PacketId packetId, String userId) {
        try {
            return Uni.createFrom().item(degraded(packetId, userId));
        } catch (Refusal refusal) {
            return Uni.createFrom().failure(refusal);
        }
    }

    private GrabResponse answered(GrabAnswer answer, PacketId packetId, String userId, String groupId) {
        return switch (answer) {
            case Leased leased -> {
                metrics.answered(Source.REDIS, GRAB_RESULT_GRANTED);
                yield granted(packetId, userId, leased.untilMillis(), leased.replay());
            }
            case Denied.UNKNOWN_PACKET -> degraded(packetId, userId);
            case Denied.OTHER_GROUP -> throw notInGroup(Source.REDIS);
            case Denied.SOLD_OUT -> refuse(Source.REDIS, SOLD_OUT);
            // Not remembered: it is Redis' clock that says so, and clocks are put right.
            case Denied.PAST_EXPIRY -> refuse(Source.REDIS, EXPIRED);
            case Denied.ALREADY_OPENED -> refuse(Source.REDIS, ALREADY_OPENED);
            case Denied.NOT_FOR_YOU -> refuse(Source.REDIS, NOT_FOR_YOU);
            case Denied.FINISHED -> remember(packetId, FinalMark.FINISHED, groupId);
            case Denied.REFUNDED -> remember(packetId, FinalMark.REFUNDED, groupId);
        };
    }

    /** Redis says that the packet is final and that the group is its own, or that it never heard of the group. */
    private GrabResponse remember(PacketId packetId, FinalMark mark, String groupId) {
        finished.add(packetId.value(), mark, groupId);
        return refuse(Source.REDIS, mark);
    }

    /**
     * Nobody can say. What memory has of the packet is used, even without its group; else a ticket at a bounded rate. Its
     * end is put on a grid, so that a user who asks again within one lease gets the same ticket from any pod.
     */
    private GrabResponse degraded(PacketId packetId, String userId) {
        var entry = finished.find(packetId.value());
        if (entry.isPresent()) {
            return refuse(Source.MEMORY, entry.get().mark());
        }
        if (!unchecked.tryTake()) {
            metrics.shed();
            throw Refusal.of(ERROR_REASON_OVERLOADED, "the packet's stock is not known just now, try again");
        }
        metrics.answered(Source.DEGRADED, GRAB_RESULT_GRANTED);
        long leaseMillis = lease.toMillis();
        long untilMillis = (clock.millis() / leaseMillis + 2) * leaseMillis;
        return granted(packetId, userId, untilMillis, false);
    }

    private GrabResponse granted(PacketId packetId, String userId, long untilMillis, boolean replay) {
        return GrabResponse.newBuilder()
                .setResult(GRAB_RESULT_GRANTED)
                .setTicket(signer.sign(packetId.value(), userId, untilMillis))
                .setTicketExpiresAt(Timestamp.newBuilder()
                        .setSeconds(untilMillis / 1_000)
                        .setNanos((int) (untilMillis % 1_000) * 1_000_000))
                .setReplay(replay)
                .build();
    }

    private GrabResponse refuse(Source source, FinalMark mark) {
        return refuse(
                source,
                switch (mark) {
                    case FINISHED -> SOLD_OUT;
                    case REFUNDED -> EXPIRED;
                });
    }

    private GrabResponse refuse(Source source, GrabResponse response) {
        metrics.answered(source, response.getResult());
        return response;
    }

    private Refusal notInGroup(Source source) {
        metrics.refusedOtherGroup(source);
        return Refusal.of(ERROR_REASON_NOT_IN_GROUP, "the packet was sent to another group");
    }

    private static GrabResponse refused(GrabResult result) {
        return GrabResponse.newBuilder().setResult(result).build();
    }
}
