package io.hongbao.grab;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_IN_GROUP;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_OVERLOADED;
import static io.hongbao.v1.GrabResult.*;

import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.grab.GrabMetrics.Source;
import io.hongbao.grab.memory.FinishedPackets;
import io.hongbao.grab.ticket.RateLimit;
import io.hongbao.kit.ErrorMapping;
import io.hongbao.kit.Refusal;
import io.hongbao.kit.ShortPath;
import io.hongbao.stock.FinalMark;
import io.hongbao.stock.GrabAnswer;
import io.hongbao.stock.GrabAnswer.Denied;
import io.hongbao.stock.GrabAnswer.Leased;
import io.hongbao.stock.Grabbing;
import io.hongbao.stock.StockClient;
import io.hongbao.stock.StockUnavailableException;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.netty.channel.EventLoop;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

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

    /**
     * Answers a grab, at once or when Redis has; refuses it with NOT_IN_GROUP or OVERLOADED. The arguments are checked
     * already.
     *
     * @throws Refusal if it is refused at once
     */
    public void grab(PacketId packetId, String userId, String groupId, StreamObserver<GrabResponse> answer) {
        var entry = finished.find(packetId.value());
        if (entry.isPresent() && entry.get().knowsGroup()) {
            if (!entry.get().groupId().equals(groupId)) {
                throw notInGroup(Source.MEMORY);
            }
            give(answer, refuse(Source.MEMORY, entry.get().mark()));
            return;
        }
        EventLoop loop = ShortPath.eventLoop();
        stock.grab(
                packetId,
                userId,
                groupId,
                lease,
                loop == null ? Runnable::run : loop,
                new Waiting(packetId, userId, groupId, answer));
    }

    private static void give(StreamObserver<GrabResponse> answer, GrabResponse response) {
        answer.onNext(response);
        answer.onCompleted();
    }

    /** A grab that Redis is asked about. */
    private final class Waiting implements Grabbing {
        private final PacketId packetId;
        private final String userId;
        private final String groupId;
        private final StreamObserver<GrabResponse> answer;
        private final long startNanos = System.nanoTime();

        Waiting(PacketId packetId, String userId, String groupId, StreamObserver<GrabResponse> answer) {
            this.packetId = packetId;
            this.userId = userId;
            this.groupId = groupId;
            this.answer = answer;
        }

        @Override
        public void answered(GrabAnswer said) {
            metrics.redisAnswered(System.nanoTime() - startNanos);
            tell(() -> GrabFilter.this.answered(said, packetId, userId, groupId));
        }

        @Override
        public void failed(StockUnavailableException failure) {
            metrics.redisFailed();
            tell(() -> degraded(packetId, userId));
        }

        private void tell(Supplier<GrabResponse> decision) {
            GrabResponse response;
            try {
                response = decision.get();
            } catch (RuntimeException refusal) {
                answer.onError(ErrorMapping.toStatus(refusal));
                return;
            }
            give(answer, response);
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
