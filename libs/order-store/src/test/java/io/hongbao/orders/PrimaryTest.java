package io.hongbao.orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two real servers: one that takes writes, and one that waits for a standby it does not have, as a fenced primary does. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PrimaryTest {
    private static EmbeddedPostgres writable;
    private static EmbeddedPostgres fenced;
    private static Vertx vertx;

    @BeforeAll
    static void startServers() throws Exception {
        writable = EmbeddedPostgres.start();
        fenced = EmbeddedPostgres.builder()
                .setServerConfig("synchronous_standby_names", "nobody")
                // The embedded server's own default is off.
                .setServerConfig("synchronous_commit", "on")
                .start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopServers() throws Exception {
        // The servers first: Vert.x waits for its connections, and one of them waits for a standby that does not exist.
        writable.close();
        fenced.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private static PgConnectOptions host(int port) {
        return PgConnectOptions.fromUri("postgresql://127.0.0.1:" + port + "/postgres")
                .setUser("postgres")
                .setPassword("postgres");
    }

    private static boolean look(Primary primary) throws Exception {
        return primary.look().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void shouldTakeTheHostThatAcknowledgesACommit() throws Exception {
        var primary = new Primary(vertx, "set-a", List.of(host(fenced.getPort()), host(writable.getPort())));
        var moves = new ArrayList<Integer>();
        primary.onMove(() -> moves.add(primary.current().getPort()));

        assertTrue(look(primary));

        assertEquals(List.of(writable.getPort()), moves);
    }

    @Test
    void shouldTakeNoHostThatAcknowledgesNothing() throws Exception {
        var primary = new Primary(vertx, "set-a", List.of(host(fenced.getPort()), host(1)));

        assertFalse(look(primary));
    }

    @Test
    void shouldStayWithThePrimaryThatItHas() throws Exception {
        var primary = new Primary(vertx, "set-a", List.of(host(writable.getPort()), host(1)));
        var moves = new ArrayList<Integer>();
        primary.onMove(() -> moves.add(primary.current().getPort()));

        assertTrue(look(primary) && look(primary));

        assertEquals(List.of(), moves);
    }

    @Test
    void shouldReadEveryHostOfAUrl() {
        List<PgConnectOptions> hosts = Primary.parse("postgresql://me:secret@one:5432,two:5433/orders");

        assertEquals(
                List.of("me@one:5432/orders", "me@two:5433/orders"),
                hosts.stream()
                        .map(host ->
                                host.getUser() + "@" + host.getHost() + ":" + host.getPort() + "/" + host.getDatabase())
                        .toList());
    }

    @Test
    void shouldRefuseWhatIsNoUrlOfPostgresql() {
        assertThrows(IllegalArgumentException.class, () -> Primary.parse("mysql://one:3306/orders"));
    }
}
