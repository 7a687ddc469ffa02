package io.hongbao.orders;

import io.hongbao.orders.StoreException.Effect;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whether one SET's server answers, as seen by this pod, and what follows from it for every statement.
 *
 * <pre>
 *            refused once, or two probes without an answer
 *   CLOSED ─────────────────────────────────────────────────▶ OPEN
 *      ▲ frozen: statements under way end, effect unknown       │ statements: not sent, at once
 *      └────────────────────────────────────────────────────────┘
 *                       one probe is answered
 * </pre>
 *
 * The probe has a connection of its own, so that neither a full pool nor a long batch looks like an outage, and it runs
 * whether there are statements or not: the first request after the outage is refused at once, and the first one after
 * its end is served. A server that dies closes the connection and is probed in that moment; one that is frozen is found
 * out after {@code INTERVAL + 2 TIMEOUT}, less than a second. Where there are several hosts, OPEN closes when one of them
 * proves to be the {@link Primary}.
 */
final class SetBreaker {
    /** Between two probes of a server that answers, or that does not. */
    private static final Duration INTERVAL = Duration.ofMillis(200);
    /** A healthy server takes a millisecond for a probe; a busy machine, or a pause of this JVM, some hundred. */
    private static final Duration TIMEOUT = Duration.ofMillis(350);
    /** One probe may be late because of a pause of this JVM; the next one is not. */
    private static final int MISSES_MAX = 2;
    /** A frozen server's kernel accepts connections that nobody serves; only so often is another one tried. */
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    /** A primary that answers but is not the primary any more is found out within this. */
    private static final Duration LOOK_AROUND = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(SetBreaker.class);

    private final VertxInternal vertx;
    private final String set;
    private final Primary primary;
    private final Context loop;
    private final Set<Promise<?>> inFlight = ConcurrentHashMap.newKeySet();
    private volatile boolean answering;
    private volatile boolean closed;

    // Everything below belongs to the probe's event loop.
    private @Nullable Future<PgConnection> connection;
    private long connectedSinceNanos;
    private int missCount;
    private boolean probing;

    SetBreaker(Vertx vertx, String set, Primary primary) {
        this.vertx = (VertxInternal) vertx;
        this.set = set;
        this.primary = primary;
        this.loop = this.vertx.createEventLoopContext();
        // One of several hosts is not written to, and not read from, before it has proven to be the primary.
        this.answering = !primary.several();
        primary.onMove(this::moved);
    }

    /** Begins to probe. */
    void start() {
        loop.runOnContext(begin -> {
            probe();
            vertx.setPeriodic(LOOK_AROUND.toMillis(), this::lookAround);
        });
    }

    /** The server has other addresses now. */
    void reach(List<PgConnectOptions> hosts) {
        loop.runOnContext(now -> primary.reach(hosts));
    }

    void stop() {
        closed = true;
    }

    /** Whether statements are sent. */
    boolean answering() {
        return answering;
    }

    /** What a statement that is not sent fails with. */
    StoreException away() {
        return new StoreException(Effect.NOT_SENT, set, new ConnectException("the server does not answer"));
    }

    /**
     * Sends a statement unless the server is known to be away. If it turns out to be away while the statement is under
     * way, nobody knows what becomes of it, and the caller hears so at once instead of after the statement's time limit.
     */
    <T> Future<T> guard(Supplier<Future<T>> statement) {
        Promise<T> answer = vertx.getOrCreateContext().promise();
        inFlight.add(answer);
        // After it was added: a breaker that opens now has either been seen here, or sees the statement there.
        if (!answering) {
            inFlight.remove(answer);
            return Future.failedFuture(away());
        }
        statement.get().onComplete(outcome -> {
            inFlight.remove(answer);
            if (outcome.succeeded()) {
                answer.tryComplete(outcome.result());
            } else {
                answer.tryFail(outcome.cause());
            }
        });
        return answer.future();
    }

    private void probe() {
        if (closed) {
            discard();
            return;
        }
        if (probing) {
            return;
        }
        probing = true;
        if (primary.several() && !answering) {
            primary.look().onComplete(looked -> {
                probing = false;
                if (looked.succeeded() && looked.result()) {
                    answered();
                }
                later();
            });
            return;
        }
        Future<PgConnection> current = connection();
        current.compose(open -> open.query("select 1").execute())
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(outcome -> {
                    probing = false;
                    if (outcome.succeeded() || isFull(outcome.cause())) {
                        answered();
                        later();
                    } else {
                        missed(current, outcome.cause());
                    }
                });
    }

    /** The primary in use may answer, and have been replaced: its commits would not. */
    private void lookAround(long timer) {
        if (closed) {
            vertx.cancelTimer(timer);
        } else if (answering && primary.several()) {
            primary.look();
        }
    }

    /** What is under way at the old primary has an unknown end. */
    private void moved() {
        discard();
        giveUpStatements();
    }

    private void answered() {
        missCount = 0;
        if (!answering) {
            answering = true;
            LOG.infof("SET answers again set=%s", set);
        }
    }

    private void missed(Future<PgConnection> current, Throwable cause) {
        missCount++;
        boolean stillConnecting =
                !current.isComplete() && System.nanoTime() - connectedSinceNanos < CONNECT_MAX.toNanos();
        if (!stillConnecting) {
            discard();
        }
        if (missCount >= MISSES_MAX || cause instanceof ConnectException) {
            trip(cause);
            later();
        } else {
            vertx.runOnContext(again -> probe());
        }
    }

    private void trip(Throwable cause) {
        if (answering) {
            answering = false;
            LOG.warnf("SET does not answer set=%s cause=%s", set, cause.getMessage());
        }
        if (!(cause instanceof ConnectException)) {
            giveUpStatements();
        }
    }

    /** Not needed where connections are refused: those of the statements are closed, and say better what was not sent. */
    private void giveUpStatements() {
        for (Promise<?> statement : inFlight) {
            if (inFlight.remove(statement)) {
                statement.tryFail(
                        new TimeoutException("the server stopped answering while the statement was under way"));
            }
        }
    }

    private void later() {
        vertx.setTimer(INTERVAL.toMillis(), tick -> probe());
    }

    private Future<PgConnection> connection() {
        Future<PgConnection> current = connection;
        if (current == null) {
            Future<PgConnection> opening = PgConnection.connect(vertx, primary.current());
            connectedSinceNanos = System.nanoTime();
            connection = opening;
            opening.onSuccess(open -> open.closeHandler(gone -> {
                if (connection == opening) {
                    connection = null;
                    // A server that goes tells so: no need to wait for the next probe.
                    probe();
                }
            }));
            return opening;
        }
        return current;
    }

    private void discard() {
        Future<PgConnection> lost = connection;
        connection = null;
        if (lost != null) {
            lost.onSuccess(PgConnection::close);
        }
    }

    /** A server that says that it has no connection left is there. */
    private static boolean isFull(Throwable failure) {
        return failure instanceof PgException refused && "53300".equals(refused.getSqlState());
    }
}
