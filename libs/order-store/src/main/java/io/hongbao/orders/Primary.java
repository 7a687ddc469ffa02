package io.hongbao.orders;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The hosts of a SET's URL, and which of them is the primary.
 *
 * <p>A host is taken once it has acknowledged a commit. A standby cannot, and neither can an old primary whose synchronous
 * standby has become the primary: its commits wait for a standby that it does not have any more. So nothing is read from
 * a server that holds what nobody was promised. Where two hosts acknowledge, because replication was not synchronous, the
 * later timeline wins, and an earlier one than was seen before is never taken.
 *
 * <p>A URL with one host is an address that follows the primary by itself: it is taken as it is.
 */
final class Primary {
    /** A commit on a healthy server takes milliseconds, with its synchronous standby; a promoted one is just waking up. */
    private static final Duration PROOF_MAX = Duration.ofSeconds(1);

    /**
     * A host that owes an answer is asked again after this: nothing here can end its connection before it answers, and an
     * old primary that is fenced never does.
     */
    private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

    /**
     * The timeline, and a record in the WAL that makes the transaction one that has something to commit: a standby refuses
     * both. It leaves nothing behind in any table.
     */
    private static final String PROVE = """
            select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int8 as timeline,
                   pg_logical_emit_message(true, 'hongbao', 'primary')
            """;

    private static final Pattern URL = Pattern.compile("(postgres(?:ql)?://(?:[^@/]*@)?)([^@/?]+)(.*)");
    private static final Logger LOG = Logger.getLogger(Primary.class);

    /** A question that is not answered yet. */
    private static final class Ask {
        final long askedAtNanos;

        Ask(long askedAtNanos) {
            this.askedAtNanos = askedAtNanos;
        }
    }

    private final Vertx vertx;
    private final String set;
    private volatile List<PgConnectOptions> hosts;
    private final List<Runnable> followers = new ArrayList<>();
    private volatile PgConnectOptions current;

    // Belongs to the event loop of the breaker.
    private final Map<PgConnectOptions, Ask> owed = new IdentityHashMap<>();
    private long timeline;

    Primary(Vertx vertx, String set, List<PgConnectOptions> hosts) {
        this.vertx = vertx;
        this.set = set;
        this.hosts = List.copyOf(hosts);
        this.current = this.hosts.getFirst();
    }

    /** The options of each host in {@code postgresql://host:port,host:port/database}. */
    static List<PgConnectOptions> parse(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException("a SET's url is postgresql://host:port,…/database");
        }
        var hosts = new ArrayList<PgConnectOptions>();
        for (String host : parts.group(2).split(",")) {
            hosts.add(PgConnectOptions.fromUri(parts.group(1) + host + parts.group(3)));
        }
        return hosts;
    }

    /**
     * From now on these are the hosts. One is taken as it is; of several the one that proves to be the primary, and until
     * then all stays as it was. On the event loop of the breaker.
     */
    void reach(List<PgConnectOptions> next) {
        hosts = List.copyOf(next);
        owed.clear();
        if (several()) {
            look();
        } else {
            current = hosts.getFirst();
            followers.forEach(Runnable::run);
        }
    }

    /** Whether there is a choice. */
    boolean several() {
        return hosts.size() > 1;
    }

    /** Where statements go. */
    PgConnectOptions current() {
        return current;
    }

    /** Called when statements are to go to another host, on the event loop of the breaker. */
    void onMove(Runnable follower) {
        followers.add(follower);
    }

    /**
     * Asks every host, and takes the one that proves to be the primary.
     *
     * @return whether one did; as soon as it is known
     */
    Future<Boolean> look() {
        Promise<Boolean> found = Promise.promise();
        var left = new AtomicInteger(hosts.size());
        for (PgConnectOptions host : hosts) {
            prove(host).onComplete(proof -> {
                if (proof.succeeded() && take(host, proof.result())) {
                    found.tryComplete(true);
                }
                if (left.decrementAndGet() == 0) {
                    found.tryComplete(false);
                }
            });
        }
        return found.future();
    }

    private Future<Long> prove(PgConnectOptions host) {
        Ask earlier = owed.get(host);
        if (earlier != null && System.nanoTime() - earlier.askedAtNanos < ASK_AGAIN.toNanos()) {
            return Future.failedFuture("owes an answer");
        }
        var ask = new Ask(System.nanoTime());
        owed.put(host, ask);
        Future<PgConnection> opening = PgConnection.connect(vertx, host);
        Future<Long> answer = opening.compose(open -> open.query(PROVE).execute())
                .map(rows -> rows.iterator().next().getLong("timeline"))
                .onComplete(answered -> forget(host, ask));
        return answer.timeout(PROOF_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(asked -> opening.onSuccess(PgConnection::close));
    }

    private void forget(PgConnectOptions host, Ask ask) {
        if (owed.get(host) == ask) {
            owed.remove(host);
        }
    }

    private boolean take(PgConnectOptions host, long itsTimeline) {
        if (!hosts.contains(host)) {
            // It was asked before the hosts changed.
            return false;
        }
        if (itsTimeline < timeline) {
            LOG.warnf("A primary of an earlier timeline is left alone set=%s host=%s", set, name(host));
            return false;
        }
        boolean moves = host != current;
        if (itsTimeline > timeline || moves) {
            LOG.infof("SET has its primary set=%s host=%s timeline=%d", set, name(host), itsTimeline);
        }
        timeline = itsTimeline;
        if (moves) {
            current = host;
            followers.forEach(Runnable::run);
        }
        return true;
    }

    private static String name(PgConnectOptions host) {
        return host.getHost() + ":" + host.getPort();
    }
}
