package io.hongbao.stock;

import io.hongbao.core.answer.AnswerBatch;
import io.hongbao.stock.StockUnavailableException.Cause;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Redis on one event loop, with a batch of calls on its way.
 *
 * <pre>
 * AWAY ──every RECONNECT_PAUSE: connect, load the library──► CONNECTED
 *   ▲                                                            │
 *   └──── broken, an error of the server, or no answer in time ──┘
 * </pre>
 *
 * The state is the circuit breaker: while AWAY, calls fail at once, and only the lane itself knocks at Redis' door. One
 * batch is on its way at a time; what arrives meanwhile makes up the next one, so that batches grow with the load and
 * nobody waits for a timer. Everything but {@link #submit} and {@link #connected} runs on the lane's event loop.
 *
 * <p>The pooled client of Vert.x is not used call by call, because there every call occupies a pooled connection until
 * its answer is in; a connection that is kept is pipelined.
 */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);

    /** Calls in one batch: 128 keep Redis from everybody else for some two milliseconds. */
    private static final int BATCH_MAX = 128;
    /** Between two attempts to connect: soon enough to be unnoticed, rare enough to be no load. */
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);
    /** For one attempt to connect and to load the library. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** An idle connection is asked this often whether it lives, so that health tells the truth without traffic. */
    private static final Duration PING_PAUSE = Duration.ofSeconds(1);
    /** The timeout is checked this many times while it runs: an answer is waited for at most 1/8 longer. */
    private static final int TICKS_PER_TIMEOUT = 8;

    private final Vertx vertx;
    private final Context loop;
    private final Redis redis;
    private final String library;
    private final long timeoutNanos;
    private final long ticker;

    private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicBoolean flushDue = new AtomicBoolean();

    private volatile @Nullable RedisConnection connection;

    // Of the event loop alone.
    private final AnswerBatch answers =
            new AnswerBatch(failure -> LOG.debugf("Answer could not be delivered error=%s", messageOf(failure)));
    private @Nullable Batch inFlight;
    private long attempt;
    private long attemptStartedNanos;
    private boolean attempting;
    private long lastAnswerNanos;
    private boolean closed;
    private boolean awayLogged;

    private static final class Batch {
        final List<Part> parts;
        final long sentNanos;
        boolean libraryLoaded;

        Batch(List<Part> parts, long sentNanos) {
            this.parts = parts;
            this.sentNanos = sentNanos;
        }
    }

    Lane(Vertx vertx, Redis redis, Duration timeout, String library) {
        this.vertx = vertx;
        this.redis = redis;
        this.library = library;
        this.timeoutNanos = timeout.toNanos();
        // A context of its own: from outside an event loop, getOrCreateContext would give all lanes the same one.
        this.loop = ((VertxInternal) vertx).createEventLoopContext();
        this.ticker = vertx.setPeriodic(
                Math.max(1, timeout.toMillis() / TICKS_PER_TIMEOUT), id -> loop.runOnContext(run -> tick()));
        loop.runOnContext(run -> connect());
    }

    boolean connected() {
        return connection != null;
    }

    void submit(Call call) {
        if (connection == null) {
            call.failed(new StockUnavailableException(Cause.AWAY, "Redis is away"));
            return;
        }
        if (waitingCount.incrementAndGet() > StockClient.WAITING_MAX) {
            waitingCount.decrementAndGet();
            call.failed(new StockUnavailableException(Cause.BUSY, "too many calls wait for Redis"));
            return;
        }
        waiting.add(call);
        if (flushDue.compareAndSet(false, true)) {
            loop.runOnContext(run -> {
                flushDue.set(false);
                flush();
            });
        }
    }

    void close() {
        vertx.cancelTimer(ticker);
        loop.runOnContext(run -> {
            closed = true;
            lose(Cause.AWAY, "closed");
        });
    }

    private void flush() {
        RedisConnection current = connection;
        if (current == null) {
            failWaiting(Cause.AWAY, "Redis is away");
            return;
        }
        if (inFlight != null || waiting.isEmpty()) {
            return;
        }
        var calls = new ArrayList<Call>(Math.min(BATCH_MAX, waitingCount.get() + 1));
        Call call;
        while (calls.size() < BATCH_MAX && (call = waiting.poll()) != null) {
            calls.add(call);
        }
        waitingCount.addAndGet(-calls.size());
        send(current, new Batch(Part.of(calls), System.nanoTime()));
    }

    private void send(RedisConnection current, Batch batch) {
        inFlight = batch;
        var requests = new ArrayList<Request>(batch.parts.size());
        for (Part part : batch.parts) {
            requests.add(part.request());
        }
        current.batch(requests)
                .onComplete(sent -> onLoop(() -> {
                    if (inFlight != batch) {
                        return;
                    }
                    if (sent.succeeded()) {
                        lastAnswerNanos = System.nanoTime();
                        answer(batch, sent.result());
                        flush();
                    } else {
                        failed(current, batch, sent.cause());
                    }
                }));
    }

    /**
     * The functions themselves never fail, so a failure tells of the whole server. Redis forgets functions when it is
     * flushed or restored from elsewhere: then nothing of the batch was done, and it is sent again.
     */
    private void failed(RedisConnection current, Batch batch, Throwable failure) {
        if (isFunctionMissing(failure) && !batch.libraryLoaded) {
            batch.libraryLoaded = true;
            LOG.warn("Redis lost the function library, loading it again");
            current.send(loadLibrary())
                    .onComplete(loaded -> onLoop(() -> {
                        if (inFlight != batch) {
                            return;
                        }
                        if (loaded.succeeded()) {
                            send(current, batch);
                        } else {
                            lose(Cause.BROKEN, messageOf(loaded.cause()));
                        }
                    }));
        } else {
            lose(Cause.BROKEN, messageOf(failure));
        }
    }

    private void answer(Batch batch, List<Response> responses) {
        inFlight = null;
        for (int i = 0; i < responses.size(); i++) {
            batch.parts.get(i).answer(responses.get(i), answers);
        }
        answers.flush();
    }

    private void tick() {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        RedisConnection current = connection;
        if (current == null) {
            long pause = (attempting ? CONNECT_TIMEOUT : RECONNECT_PAUSE).toNanos();
            if (now - attemptStartedNanos > pause) {
                connect();
            }
            return;
        }
        if (inFlight != null) {
            if (now - inFlight.sentNanos > timeoutNanos) {
                lose(Cause.TIMEOUT, "no answer within " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
            }
        } else if (now - lastAnswerNanos > PING_PAUSE.toNanos()) {
            send(current, new Batch(List.of(Part.PING), now));
        }
    }

    private void connect() {
        long mine = ++attempt;
        attempting = true;
        attemptStartedNanos = System.nanoTime();
        redis.connect()
                .onComplete(made -> onLoop(() -> {
                    if (made.failed()) {
                        if (mine == attempt) {
                            notConnected(made.cause());
                        }
                        return;
                    }
                    RedisConnection candidate = made.result();
                    if (mine != attempt || closed) {
                        discard(candidate);
                        return;
                    }
                    candidate
                            .send(loadLibrary())
                            .onComplete(loaded -> onLoop(() -> {
                                if (mine != attempt || closed) {
                                    discard(candidate);
                                } else if (loaded.failed()) {
                                    discard(candidate);
                                    notConnected(loaded.cause());
                                } else {
                                    attempting = false;
                                    candidate.endHandler(end -> onLoop(() -> lost(candidate, "the connection ended")));
                                    candidate.exceptionHandler(
                                            failure -> onLoop(() -> lost(candidate, messageOf(failure))));
                                    lastAnswerNanos = System.nanoTime();
                                    connection = candidate;
                                    if (awayLogged) {
                                        awayLogged = false;
                                        LOG.info("Redis is back");
                                    }
                                }
                            }));
                }));
    }

    private void notConnected(Throwable failure) {
        attempting = false;
        logAway(messageOf(failure));
    }

    private void lost(RedisConnection which, String message) {
        if (connection == which) {
            lose(Cause.BROKEN, message);
        }
    }

    private void lose(Cause cause, String message) {
        RedisConnection current = connection;
        connection = null;
        attempting = false;
        attempt++;
        attemptStartedNanos = System.nanoTime();
        if (current != null) {
            discard(current);
            if (!closed) {
                logAway(message);
            }
        }
        Batch batch = inFlight;
        inFlight = null;
        if (batch != null) {
            for (Part part : batch.parts) {
                part.fail(new StockUnavailableException(cause, message), answers);
            }
        }
        failWaiting(cause, message);
    }

    private void failWaiting(Cause cause, String message) {
        for (Call call; (call = waiting.poll()) != null; ) {
            waitingCount.decrementAndGet();
            Call failed = call;
            answers.add(call.answerOn(), () -> failed.failed(new StockUnavailableException(cause, message)));
        }
        answers.flush();
    }

    /**
     * Closing a pooled connection only puts it back, with the answers it still owes. A connection on which a database was
     * selected is not put back but closed for good, and it is for nothing else that this one selects.
     */
    private static void discard(RedisConnection connection) {
        connection.endHandler(end -> {});
        connection.exceptionHandler(failure -> {});
        connection.send(Request.cmd(Command.SELECT).arg(0));
        connection.close();
    }

    private Request loadLibrary() {
        return Request.cmd(Command.FUNCTION).arg("LOAD").arg("REPLACE").arg(library);
    }

    private void logAway(String message) {
        if (!awayLogged) {
            awayLogged = true;
            LOG.warnf("Redis is away reason=\"%s\"", message);
        }
    }

    private void onLoop(Runnable step) {
        if (Vertx.currentContext() == loop) {
            step.run();
        } else {
            loop.runOnContext(run -> step.run());
        }
    }

    private static boolean isFunctionMissing(Throwable failure) {
        return messageOf(failure).contains("Function not found");
    }

    private static String messageOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
