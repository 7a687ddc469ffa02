package io.hongbao.wallet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.id.PacketId;
import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.stackprocess.LocalStack.Options;
import io.hongbao.stackprocess.LocalStack.Server;
import io.hongbao.wallet.ledger.DepositStore;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.payment.PaymentBatches;
import io.hongbao.wallet.payment.PaymentStore;
import io.hongbao.wallet.payment.Payments;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A ledger on a real PostgreSQL. All tests share it; each has packets and users of its own. */
public final class TestLedger {
    public static final LocalStack STACK =
            LocalStack.shared(new Options(Optional.empty(), EnumSet.of(Server.PG, Server.KAFKA), 1));

    private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(60);
    /** Tells apart what several test runs, or several class loaders, leave in one database. */
    private static final long RUN = new Random().nextInt(1, 999);

    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final TestLedger SHARED = new TestLedger();

    public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    public final WalletMetrics metrics = new WalletMetrics(registry);
    public final Ledger ledger;
    public final DepositStore deposits;
    public final Payments payments;
    private final Pool pool;

    private TestLedger() {
        Migrations.migrate(
                Migrations.Kind.LEDGER, STACK.jdbcUrl("core", "ledger"), LocalStack.USER, LocalStack.PASSWORD);
        pool = Pool.newInstance(PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(16))
                .connectingTo(asInProduction(PgConnectOptions.fromUri(STACK.pgUrl("core", "ledger"))
                        .setUser(LocalStack.USER)
                        .setPassword(LocalStack.PASSWORD)))
                .build());
        ledger = new Ledger(pool, metrics);
        deposits = new DepositStore(ledger);
        payments = payments(ledger);
    }

    /** Plans that are kept, as application.properties has it. */
    private static PgConnectOptions asInProduction(PgConnectOptions options) {
        options.setCachePreparedStatements(true);
        var properties = options.getProperties();
        properties.put("plan_cache_mode", "force_generic_plan");
        Stream.of("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan")
                .forEach(way -> properties.put(way, "off"));
        return options;
    }

    public Pool pool() {
        return pool;
    }

    public static TestLedger shared() {
        return SHARED;
    }

    /** Payments of a ledger of one's own. */
    public Payments payments(Ledger ledger) {
        var store = new PaymentStore(ledger);
        return new Payments(store, new PaymentBatches(Runnable::run, store, metrics));
    }

    public static PacketId newPacket() {
        return PacketId.of(1, 2_000, (int) RUN, NEXT.incrementAndGet(), 0);
    }

    public static String newUser(String name) {
        return name + "-" + RUN + "-" + NEXT.incrementAndGet();
    }

    public static <T> T await(Uni<T> answer) {
        return answer.await().atMost(ANSWER_TIME_MAX);
    }

    /** Runs all at once and gives every outcome: an item or a failure. */
    public static <T> List<Outcome<T>> race(int count, Function<Integer, Uni<T>> call) {
        List<Uni<Outcome<T>>> all = IntStream.range(0, count)
                .mapToObj(i -> call.apply(i)
                        .map(item -> new Outcome<>(Optional.of(item), Optional.empty()))
                        .onFailure()
                        .recoverWithItem(failure -> new Outcome<>(Optional.empty(), Optional.of(failure))))
                .toList();
        return await(Uni.join().all(all).andFailFast());
    }

    public record Outcome<T>(Optional<T> item, Optional<Throwable> failure) {}

    public String userWith(long balanceFen) {
        String user = newUser("user");
        await(deposits.deposit(user, "seed", balanceFen));
        return user;
    }

    public long balanceFen(String account) {
        return number("select coalesce((select balance_fen from account where account_id = '" + account + "'), 0)");
    }

    public long number(String sql) {
        return await(pool.query(sql).execute()).iterator().next().getLong(0);
    }

    public void execute(String sql) {
        await(pool.query(sql).execute());
    }

    /** The books balance: all balances sum up to 0, and each is the sum of its entries. */
    public void assertBooksBalance() {
        assertEquals(0, number("select sum(balance_fen)::int8 from account"), "sum of all balances");
        var wrong = await(pool.query("""
            select account_id from account a
            full join (select account_id, sum(amount_fen) as entries_fen from entry group by 1) e
                using (account_id)
            where coalesce(a.balance_fen, 0) <> coalesce(e.entries_fen, 0)
            """).execute());
        assertEquals(
                List.of(),
                StreamSupport.stream(wrong.spliterator(), false)
                        .map(row -> row.getString(0))
                        .toList(),
                "accounts whose balance is not the sum of their entries");
    }
}
