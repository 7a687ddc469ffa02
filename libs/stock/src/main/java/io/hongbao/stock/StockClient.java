package io.hongbao.stock;

import io.hongbao.core.id.PacketId;
import io.hongbao.stock.StockUnavailableException.Cause;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * The Java face of the function library {@code hongbao}: one round trip per call, many calls per round trip.
 *
 * <p>Calls of one packet go through one {@link Lane} in the order they were made. A lane that is not connected fails its
 * calls at once, so a dead Redis costs one timeout and not one per call; it reconnects by itself and loads the library
 * again. Every failure is a {@link StockUnavailableException}, and every call may be repeated.
 */
public final class StockClient implements AutoCloseable {
    /** Waiting for an answer, unless configured: many times the usual answer, and short against a caller's patience. */
    public static final Duration TIMEOUT_DEFAULT = Duration.ofMillis(200);
    /** Connections: two keep two event loops busy; more make the batches smaller and each answer dearer. */
    static final int LANE_COUNT = 2;
    /** Calls that may wait per lane: what Redis answers within the timeout; more could only time out. */
    public static final int WAITING_MAX = 8_192;

    private static final int RESULT_DONE = 1;
    private static final int RESULT_LEASED = 1;
    private static final int RESULT_REPLAY = 2;
    private static final int RESULT_REFUNDED = 9;

    private static final Call.Many OPENED = new Call.Many("hb_opened_many", 0);

    private final Lane[] lanes = new Lane[LANE_COUNT];

    /** Starts to connect; does not wait for it, and does not fail if Redis is away. */
    public StockClient(Vertx vertx, Redis redis, Duration timeout) {
        this(vertx, redis, timeout, StockLibrary.TEXT);
    }

    StockClient(Vertx vertx, Redis redis, Duration timeout, String library) {
        for (int i = 0; i < LANE_COUNT; i++) {
            lanes[i] = new Lane(vertx, redis, timeout, library);
        }
    }

    /**
     * Asks for a slot, and leases it. Grabs that wait at the same time go to Redis in one call, each with a fate of its
     * own.
     *
     * @param answerOn where {@code caller} is told: one of few executors, each is woken once for a batch. A failure that
     *     is known at once is told at once
     */
    public void grab(
            PacketId packetId, String userId, String groupId, Duration lease, Executor answerOn, Grabbing caller) {
        var many = new Call.Many("hb_grab_many", lease.toMillis());
        lane(packetId).submit(new Call.OfUser(many, packetId, groupId, userId, answerOn) {
            @Override
            void answered(int result, long number) {
                if (result < 0 || result > RESULT_REFUNDED) {
                    failed(new StockUnavailableException(Cause.UNUSABLE, "unknown answer " + result + " to a grab"));
                } else {
                    caller.answered(grabAnswer(result, number));
                }
            }

            @Override
            void failed(StockUnavailableException failure) {
                caller.failed(failure);
            }
        });
    }

    /** The same for callers in no hurry. */
    public Uni<GrabAnswer> grab(PacketId packetId, String userId, String groupId, Duration lease) {
        return Uni.createFrom()
                .emitter(emitter -> grab(packetId, userId, groupId, lease, Runnable::run, new Grabbing() {
                    @Override
                    public void answered(GrabAnswer answer) {
                        emitter.complete(answer);
                    }

                    @Override
                    public void failed(StockUnavailableException failure) {
                        emitter.fail(failure);
                    }
                }));
    }

    /**
     * Loads a packet's stock. Idempotent: a packet that is there is not touched, so its stock is never raised.
     *
     * @return whether the packet was new to Redis; fails with StockUnavailableException
     */
    public Uni<Boolean> publish(Stock stock) {
        return call(stock.packetId(), arguments("hb_publish", stock), StockClient::isDone);
    }

    /**
     * Tells that a user's share is open: uses up the lease, or takes a slot if there is none. Idempotent by user.
     *
     * @return whether anything changed; fails with StockUnavailableException
     */
    public Uni<Boolean> opened(PacketId packetId, String userId) {
        return Uni.createFrom()
                .emitter(emitter -> lane(packetId).submit(new Call.OfUser(OPENED, packetId, "", userId, Runnable::run) {
                    @Override
                    void answered(int result, long number) {
                        emitter.complete(result == RESULT_DONE);
                    }

                    @Override
                    void failed(StockUnavailableException failure) {
                        emitter.fail(failure);
                    }
                }));
    }

    /**
     * Tells that a packet is final: later grabs are refused. The first mark stays.
     *
     * @param groupId the packet's group, or empty if the caller does not know it
     * @return whether anything changed; fails with StockUnavailableException
     */
    public Uni<Boolean> finish(PacketId packetId, FinalMark mark, String groupId) {
        return call(packetId, call("hb_finish", packetId).arg(mark.code()).arg(groupId), StockClient::isDone);
    }

    /**
     * Sets the stock to the surplus less the leases that live, or loads the packet if Redis lost it. A share that was
     * opened a moment ago and whose event is still on its way is counted twice, so one heal may leave the stock too low
     * by such shares; the next one puts that right.
     *
     * @param stock as read from the order store just now
     * @return what was added to the stock, below 0 if something was taken; fails with StockUnavailableException
     */
    public Uni<Long> heal(Stock stock) {
        return call(stock.packetId(), arguments("hb_heal", stock), (result, number) -> number);
    }

    /**
     * Takes one of the places of pods that open a packet at once, or keeps the one this pod has for longer. A pod that
     * does not come again in {@code place} has given its own back.
     *
     * @param pod unique, and the same for all calls of a process
     * @return whether this pod has a place; fails with StockUnavailableException
     */
    public Uni<Boolean> enter(PacketId packetId, String pod, Duration place, int podsMax) {
        Request request = Request.cmd(Command.FCALL)
                .arg("hb_enter")
                .arg(1)
                .arg(keyPrefix(packetId) + "pods")
                .arg(pod)
                .arg(place.toMillis())
                .arg(podsMax);
        return call(packetId, request, StockClient::isDone);
    }

    /** Whether Redis answers, as far as is known; what a health check tells. */
    public boolean available() {
        for (Lane lane : lanes) {
            if (!lane.connected()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        for (Lane lane : lanes) {
            lane.close();
        }
    }

    private Lane lane(PacketId packetId) {
        return lanes[Math.floorMod(Long.hashCode(packetId.value() / 1_000), LANE_COUNT)];
    }

    private <T> Uni<T> call(PacketId packetId, Request request, BiFunction<Integer, Long, T> decode) {
        return Uni.createFrom()
                .emitter(emitter -> lane(packetId).submit(new Call.Single(request) {
                    @Override
                    void answered(int result, long number) {
                        emitter.complete(decode.apply(result, number));
                    }

                    @Override
                    void failed(StockUnavailableException failure) {
                        emitter.fail(failure);
                    }
                }));
    }

    private static Request arguments(String function, Stock stock) {
        return call(function, stock.packetId())
                .arg(stock.groupId())
                .arg(stock.exclusiveUserId())
                .arg(stock.shareCount())
                .arg(stock.surplusCount())
                .arg(stock.expiresAt().toEpochMilli());
    }

    private static Request call(String function, PacketId packetId) {
        String prefix = keyPrefix(packetId);
        return Request.cmd(Command.FCALL)
                .arg(function)
                .arg(2)
                .arg(prefix + "packet")
                .arg(prefix + "seats");
    }

    /** All keys of a packet carry its id as hash tag: where keys are spread by hash they stay together. */
    static String keyPrefix(PacketId packetId) {
        return "hb:{" + packetId.value() + "}:";
    }

    private static GrabAnswer grabAnswer(int result, long number) {
        return switch (result) {
            case RESULT_LEASED, RESULT_REPLAY -> new GrabAnswer.Leased(number, result == RESULT_REPLAY);
            case 0 -> GrabAnswer.Denied.UNKNOWN_PACKET;
            case 3 -> GrabAnswer.Denied.SOLD_OUT;
            case 4 -> GrabAnswer.Denied.PAST_EXPIRY;
            case 5 -> GrabAnswer.Denied.ALREADY_OPENED;
            case 6 -> GrabAnswer.Denied.NOT_FOR_YOU;
            case 7 -> GrabAnswer.Denied.OTHER_GROUP;
            case 8 -> GrabAnswer.Denied.FINISHED;
            case RESULT_REFUNDED -> GrabAnswer.Denied.REFUNDED;
            default -> throw new IllegalArgumentException("result " + result);
        };
    }

    private static boolean isDone(int result, long number) {
        return result == RESULT_DONE;
    }
}
