package io.hongbao.orders;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.set.SetMap.SetRange;
import io.hongbao.core.set.SuffixRange;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A SET whose address changes while it is used: two databases of one server are its old and its new place. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AddressTest {
    private static final SetRange SET = new SetRange("set-c", SuffixRange.parse("40-44"), SuffixRange.parse("40"));

    private static EmbeddedPostgres postgres;
    private static Vertx vertx;

    private OrderStore store = store(port());

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.start();
        vertx = Vertx.vertx();
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database elsewhere");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        result(vertx.close());
        postgres.close();
    }

    @AfterEach
    void close() {
        result(store.close());
    }

    private static String port() {
        return "127.0.0.1:" + postgres.getPort();
    }

    private static OrderStore store(String hosts) {
        return new OrderStore(vertx, SET, new FixedSetConfig("postgresql://" + hosts + "/postgres"));
    }

    private static <T> T result(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private String place() {
        return result(store.run("select current_database()", Tuple.tuple()))
                .iterator()
                .next()
                .getString(0);
    }

    private void awaitElsewhere() {
        await().ignoreExceptions().until(() -> place().equals("elsewhere"));
    }

    @Test
    void shouldFollowAnotherAddress() {
        assertEquals("postgres", place());

        store.reach("postgresql://" + port() + "/elsewhere");

        awaitElsewhere();
    }

    @Test
    void shouldFollowTheOneOfSeveralHostsThatIsThePrimary() {
        assertEquals("postgres", place());

        store.reach("postgresql://127.0.0.1:1," + port() + "/elsewhere");

        awaitElsewhere();
    }

    @Test
    void shouldLeaveAServerThatIsAway() {
        result(store.close());
        store = store("127.0.0.1:1");
        await().until(() -> !store.answering());

        store.reach("postgresql://" + port() + "/elsewhere");

        awaitElsewhere();
    }

    @Test
    void shouldKeepItsAddressIfTheNewOneIsNone() {
        store.reach("not an address");

        assertEquals("postgres", place());
    }
}
