package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status.Code;
import io.hongbao.cli.stack.HealthProbe;
import io.hongbao.cli.stack.HealthProbe.Health;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.OpenRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that is away: the services that need it say so, do not hang, do not exit, and come back by themselves. */
@OnRunningStack
class OutageTest {
    private static final Duration NOTICE_MAX = Duration.ofSeconds(20);
    private static final Duration RECOVERY_MAX = Duration.ofSeconds(30);
    /** A call that needs the store waits for one time limit of 2 s, not for the client's deadline. */
    private static final Duration REFUSAL_MAX = Duration.ofSeconds(4);
    /** Databases 50 and above are of SET b. */
    private static final int FIRST_DATABASE_OF_SET_B = 50;

    private static final int READY = 200;
    private static final int NOT_READY = 503;

    private final World world;

    OutageTest(World world) {
        this.world = world;
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldBeServingAndReady(Service service) throws Exception {
        assertEquals(Health.SERVING, health(service));
        assertEquals(READY, readiness(service));
    }

    @Test
    void shouldSayThatTheLedgerIsAway() throws Exception {
        // given
        String user = world.sender(123);
        long wallet = world.stack().service(Service.WALLET).pid();

        // when
        world.stack().servers().stop("pg.core");
        try {
            // then
            await("bad health").atMost(NOTICE_MAX).until(() -> health(Service.WALLET) == Health.NOT_SERVING);
            assertEquals(NOT_READY, readiness(Service.WALLET));
            long askedAtNanos = System.nanoTime();
            var info = Refused.with(
                    Code.UNAVAILABLE,
                    "DEPENDENCY_UNAVAILABLE",
                    () -> world.clients()
                            .wallet()
                            .getBalance(GetBalanceRequest.newBuilder()
                                    .setUserId(user)
                                    .build()));
            assertTrue(System.nanoTime() - askedAtNanos < REFUSAL_MAX.toNanos());
            assertEquals("ledger", info.getMetadataOrThrow("dependency"));
        } finally {
            world.stack().servers().restart("pg.core");
        }
        awaitAllServing();
        assertEquals(123, world.balanceFen(user));
        assertEquals(wallet, world.stack().service(Service.WALLET).pid());
        assertTrue(world.stack().service(Service.WALLET).running());
    }

    @Test
    void shouldRefuseTheOpensOfADeadSetOnly() throws Exception {
        // given a packet in each SET, with room for an open before, during and after
        long[] packets = onePacketInEachSet();
        List<OpenRequest> before = tickets(packets);
        List<OpenRequest> during = tickets(packets);
        before.forEach(world::open);

        // when
        world.stack().servers().signal("pg.set-a", "KILL");
        try {
            // then
            long askedAtNanos = System.nanoTime();
            var info = Refused.with(Code.UNAVAILABLE, "SET_UNAVAILABLE", () -> world.open(during.get(0)));
            assertTrue(System.nanoTime() - askedAtNanos < REFUSAL_MAX.toNanos());
            assertEquals("set-a", info.getMetadataOrThrow("set"));
            world.open(during.get(1));
        } finally {
            world.stack().servers().restart("pg.set-a");
        }
        // and the same request succeeds when the SET is back
        await("the open")
                .ignoreExceptions()
                .atMost(RECOVERY_MAX)
                .until(() -> world.open(during.get(0)).getAmountFen() > 0);
        // and what was answered before the crash is still so
        for (OpenRequest request : before) {
            assertTrue(world.open(request).getReplay());
        }
        awaitAllServing();
    }

    @Test
    void shouldSendAroundADeadSet() throws Exception {
        // given
        String sender = world.sender(10_000);
        world.stack().servers().signal("pg.set-a", "KILL");
        try {
            // when packets are sent while a SET is dead
            await("sending").ignoreExceptions().atMost(NOTICE_MAX).until(() -> {
                long packetId = world.publish(world.lucky(sender, 100, 1).build());
                return new PacketId(packetId).database() >= FIRST_DATABASE_OF_SET_B;
            });
        } finally {
            world.stack().servers().restart("pg.set-a");
        }
        awaitAllServing();
        // then the SET gets orders again by itself
        await("orders in set-a").atMost(RECOVERY_MAX).until(() -> {
            var wrapped = world.clients()
                    .send()
                    .createPacket(world.lucky(sender, 100, 1).build());
            return new PacketId(wrapped.getPacketId()).database() < FIRST_DATABASE_OF_SET_B;
        });
    }

    @Test
    void shouldOpenWithoutRedis() throws Exception {
        // given
        long packetId = world.publish(world.lucky(world.sender(1_000), 1_000, 5).build());
        world.stack().servers().signal("redis", "KILL");
        try {
            // then a grab still gives a ticket, and the open decides
            await("a grab")
                    .ignoreExceptions()
                    .atMost(NOTICE_MAX)
                    .until(() ->
                            world.grabAndOpen(packetId, world.fresh("user")).getAmountFen() > 0);
        } finally {
            world.stack().servers().restart("redis");
        }
        awaitAllServing();
    }

    @Test
    void shouldAnswerTheSameAfterACrashOfOpenService() throws Exception {
        // given
        long packetId = world.publish(world.lucky(world.sender(1_000), 1_000, 5).build());
        OpenRequest request = world.ticketed(packetId, world.fresh("user"));
        long amountFen = world.open(request).getAmountFen();

        // when
        ServiceProcess open = world.stack().service(Service.OPEN);
        open.restart();
        open.awaitServing(ServiceProcess.START_MAX);

        // then
        await("the open")
                .ignoreExceptions()
                .atMost(RECOVERY_MAX)
                .until(() -> world.open(request).getReplay());
        assertEquals(amountFen, world.open(request).getAmountFen());
    }

    private long[] onePacketInEachSet() {
        long inSetA = 0;
        long inSetB = 0;
        String sender = world.sender(1_000_000);
        while (inSetA == 0 || inSetB == 0) {
            long packetId = world.publish(world.lucky(sender, 1_000, 5).build());
            if (new PacketId(packetId).database() < FIRST_DATABASE_OF_SET_B) {
                inSetA = packetId;
            } else {
                inSetB = packetId;
            }
        }
        return new long[] {inSetA, inSetB};
    }

    private List<OpenRequest> tickets(long[] packets) {
        var requests = new ArrayList<OpenRequest>();
        for (long packetId : packets) {
            requests.add(world.ticketed(packetId, world.fresh("user")));
        }
        return requests;
    }

    private void awaitAllServing() {
        for (Service service : Service.values()) {
            await(service.module()).atMost(RECOVERY_MAX).until(() -> health(service) == Health.SERVING);
        }
        await("reads").ignoreExceptions().atMost(RECOVERY_MAX).until(() -> {
            long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());
            return world.clients()
                            .send()
                            .getPaymentStatus(GetPaymentStatusRequest.newBuilder()
                                    .setPacketId(packetId)
                                    .build())
                            .getStateValue()
                    > 1;
        });
    }

    private Health health(Service service) {
        try (var probe = new HealthProbe(world.stack().addresses().of(service))) {
            return probe.ask();
        }
    }

    private int readiness(Service service) throws IOException, InterruptedException {
        String management = world.stack().service(service).managementAddress();
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://" + management + "/q/health/ready"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
