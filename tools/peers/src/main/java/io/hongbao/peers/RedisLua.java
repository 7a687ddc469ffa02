package io.hongbao.peers;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OrderEventBatch;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Redis decides by a script, PostgreSQL follows in batches. The caller hears of the amount before it is durable: Redis
 * forces its log once a second, and what the writer has not stored is in this process's memory only. Everything beyond
 * reach of the gRPC threads runs on one event loop.
 */
final class RedisLua implements Opener {
    private static final Logger LOG = Logger.getLogger(RedisLua.class);

    /** The packet's hash: what is left, and each user's share. Double mean, as everywhere; the random number is given. */
    private static final String OPEN = """
            local user = 'u:' .. ARGV[1]
            local v = redis.call('HMGET', KEYS[1], user, 'fen', 'n', 'count', 'max', 'equal')
            if v[1] then return 'r' .. v[1] end
            if not v[2] then return 'load' end
            local fen, n = tonumber(v[2]), tonumber(v[3])
            if n == 0 then return 'sold' end
            local amount
            if n == 1 then
              amount = fen
            elseif v[6] ~= '0' then
              amount = tonumber(v[6])
            else
              local twice = math.floor(2 * fen / n)
              local most = math.min(twice - 1, tonumber(v[5]))
              local least = twice - most
              amount = least + math.floor(tonumber(ARGV[2]) * (most - least + 1))
            end
            local share = string.format('%d:%d', amount, tonumber(v[4]) - n + 1)
            redis.call('HSET', KEYS[1], 'fen', string.format('%d', fen - amount), 'n', n - 1, user, share)
            return share
            """;

    /** Takes a packet over from PostgreSQL, once. */
    private static final String LOAD = """
            if redis.call('EXISTS', KEYS[1]) == 0 then
              redis.call('HSET', KEYS[1], 'fen', ARGV[1], 'n', ARGV[2], 'count', ARGV[3], 'max', ARGV[4], 'equal', ARGV[5])
            end
            return 1
            """;

    /** Commands in one write. */
    private static final int BATCH_MAX = 256;
    /** Writes on their way: one that Redis works on and one that is there when it is done. */
    private static final int BATCHES_IN_FLIGHT_MAX = 2;
    /** Shares in one commit: as in open-svc. */
    private static final int COMMIT_MAX = 512;
    /** Shares that wait to be stored. Beyond it opens wait: no peak that the writer cannot sustain is measured. */
    private static final int BEHIND_MAX = 16_384;

    private static final long RETRY_MILLIS = 200;

    private final Orders orders;
    private final Vertx vertx;
    private final Context loop;
    private final ConcurrentLinkedQueue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean flushDue = new AtomicBoolean();

    // Of the event loop alone.
    private final Redis redis;
    private @Nullable RedisConnection connection;
    private String script = "";
    private int batchesInFlight;
    private final ArrayDeque<Given> behind = new ArrayDeque<>();
    private boolean writing;

    /** An open under way. */
    private record Call(Facts facts, String userId, Promise<OpenResponse> answer) {}

    /** A share that Redis gave and PostgreSQL does not know. */
    private record Given(Facts facts, String userId, long amountFen, int sequence) {}

    RedisLua(Vertx vertx, Orders orders, String redisUrl) {
        this.vertx = vertx;
        this.orders = orders;
        this.loop = vertx.getOrCreateContext();
        this.redis = Redis.createClient(vertx, new RedisOptions().setConnectionString(redisUrl));
    }

    /** Connects on the event loop, so that all answers come there. Opens wait until it has. */
    void connect() {
        loop.runOnContext(turn -> redis.connect()
                .compose(made -> made.send(
                                Request.cmd(Command.SCRIPT).arg("LOAD").arg(OPEN))
                        .onSuccess(sha -> {
                            script = sha.toString();
                            connection = made;
                            flush();
                        }))
                .onFailure(failure -> {
                    LOG.warnf("Redis does not answer, and is asked again error=%s", failure.getMessage());
                    vertx.setTimer(RETRY_MILLIS, tick -> connect());
                }));
    }

    @Override
    public Future<OpenResponse> open(PacketId id, String userId, String groupId) {
        return orders.facts(id).compose(facts -> {
            facts.check(groupId);
            Promise<OpenResponse> answer = Promise.promise();
            waiting.add(new Call(facts, userId, answer));
            if (flushDue.compareAndSet(false, true)) {
                loop.runOnContext(turn -> {
                    flushDue.set(false);
                    flush();
                });
            }
            return answer.future();
        });
    }

    private void flush() {
        RedisConnection open = connection;
        while (open != null && batchesInFlight < BATCHES_IN_FLIGHT_MAX && behind.size() < BEHIND_MAX) {
            List<Call> calls = new ArrayList<>();
            List<Request> requests = new ArrayList<>();
            for (Call call; calls.size() < BATCH_MAX && (call = waiting.poll()) != null; ) {
                calls.add(call);
                requests.add(Request.cmd(Command.EVALSHA)
                        .arg(script)
                        .arg(1)
                        .arg(key(call.facts))
                        .arg(call.userId)
                        .arg(Double.toString(ThreadLocalRandom.current().nextDouble())));
            }
            if (calls.isEmpty()) {
                return;
            }
            batchesInFlight++;
            open.batch(requests).onComplete(answers -> {
                batchesInFlight--;
                for (int i = 0; i < calls.size(); i++) {
                    if (answers.failed()) {
                        calls.get(i).answer.fail(answers.cause());
                    } else {
                        answer(open, calls.get(i), answers.result().get(i));
                    }
                }
                write();
                flush();
            });
        }
    }

    private void answer(RedisConnection open, Call call, Response response) {
        String text = response.toString();
        switch (text.charAt(0)) {
            case 'l' -> load(open, call);
            case 's' -> call.answer.complete(Answers.notOpen(Answers.FINISHED));
            case 'r' -> call.answer.complete(opened(text.substring(1), true));
            default -> {
                OpenResponse opened = opened(text, false);
                behind.add(new Given(call.facts, call.userId, opened.getAmountFen(), opened.getSequence()));
                call.answer.complete(opened);
            }
        }
    }

    private static OpenResponse opened(String share, boolean replay) {
        int colon = share.indexOf(':');
        return Answers.opened(
                Long.parseLong(share, 0, colon, 10),
                Integer.parseInt(share, colon + 1, share.length(), 10),
                System.currentTimeMillis() * 1_000,
                replay);
    }

    private void load(RedisConnection open, Call call) {
        Facts facts = call.facts;
        var terms = facts.terms();
        open.send(Request.cmd(Command.EVAL)
                        .arg(LOAD)
                        .arg(1)
                        .arg(key(facts))
                        .arg(facts.surplusFen())
                        .arg(facts.surplusCount())
                        .arg(terms.shareCount())
                        .arg(terms.shareMaxFen())
                        .arg(terms.kind() == PacketKind.EQUAL ? terms.totalFen() / terms.shareCount() : 0))
                .onFailure(call.answer::fail)
                .onSuccess(loaded -> {
                    waiting.add(call);
                    flush();
                });
    }

    private static String key(Facts facts) {
        return "peer:" + facts.id().value();
    }

    /** Stores what is behind, one batch at a time, in the order in which Redis gave it. */
    private void write() {
        if (writing || behind.isEmpty()) {
            return;
        }
        writing = true;
        List<Given> batch = new ArrayList<>();
        int day = behind.element().facts.id().dayTable();
        while (batch.size() < COMMIT_MAX
                && !behind.isEmpty()
                && behind.element().facts.id().dayTable() == day) {
            batch.add(behind.remove());
        }
        store(day, tuple(batch));
    }

    private void store(int day, Tuple tuple) {
        orders.pool()
                .preparedQuery(PeerSql.FOLLOW.on(day))
                .execute(tuple)
                .onComplete(stored -> loop.runOnContext(turn -> {
                    if (stored.failed()) {
                        LOG.warnf(
                                "A batch was not stored, and is tried again error=%s",
                                stored.cause().getMessage());
                        vertx.setTimer(RETRY_MILLIS, tick -> store(day, tuple));
                        return;
                    }
                    writing = false;
                    write();
                    flush();
                }));
    }

    private static Tuple tuple(List<Given> batch) {
        var fen = new LinkedHashMap<Long, Long>();
        var counts = new LinkedHashMap<Long, Integer>();
        var events = OrderEventBatch.newBuilder();
        for (Given given : batch) {
            fen.merge(given.facts.id().value(), given.amountFen, Long::sum);
            counts.merge(given.facts.id().value(), 1, Integer::sum);
            events.addEvents(Events.opened(given.facts, given.userId, given.amountFen, given.sequence));
        }
        return Tuple.tuple()
                .addArrayOfLong(fen.keySet().toArray(Long[]::new))
                .addArrayOfLong(fen.values().toArray(Long[]::new))
                .addArrayOfInteger(counts.values().toArray(Integer[]::new))
                .addArrayOfLong(
                        batch.stream().map(given -> given.facts.id().value()).toArray(Long[]::new))
                .addArrayOfString(batch.stream().map(Given::userId).toArray(String[]::new))
                .addArrayOfLong(batch.stream().map(Given::amountFen).toArray(Long[]::new))
                .addArrayOfInteger(batch.stream().map(Given::sequence).toArray(Integer[]::new))
                .addInteger(batch.size())
                .addBuffer(Buffer.buffer(events.build().toByteArray()));
    }
}
