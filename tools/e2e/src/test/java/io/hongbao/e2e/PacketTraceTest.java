package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.core.id.PacketId;
import io.hongbao.core.id.PacketTraceId;
import io.hongbao.e2e.SpanCollector.Span;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The whole life of a packet is one trace, which anybody can compute from its number. */
@OnRunningStack
class PacketTraceTest {
    private static final Set<String> LIFE = Set.of(
            "send-svc hongbao.v1.SendService/CreatePacket",
            "send-svc orders insert",
            "send-svc hongbao.v1.WalletService/CreatePayment",
            "wallet-bridge hongbao.v1.WalletService/CreatePayment",
            "wallet-bridge hongbao.v1.WalletService/ConfirmPayment",
            "wallet-bridge hongbao.v1.SendService/PublishPacket",
            "send-svc hongbao.v1.SendService/PublishPacket",
            "send-svc orders publish",
            "grab-svc hongbao.v1.GrabService/Grab",
            "open-svc hongbao.v1.OpenService/Open",
            "open-svc opens commit",
            "open-svc hongbao.orders.v1 send",
            "grab-svc hongbao.orders.v1 process",
            "query-svc hongbao.orders.v1 process",
            "query-svc records write",
            "wallet-bridge hongbao.orders.v1 process",
            "wallet-bridge ledger book",
            "wallet-bridge hongbao.transfers.v1 send",
            "open-svc hongbao.transfers.v1 process",
            "open-svc shares settle",
            "query-svc hongbao.v1.QueryService/GetPacket");

    private final World world;
    private final SpanCollector collector;

    PacketTraceTest(World world, SpanCollector collector) {
        this.world = world;
        this.collector = collector;
    }

    @Test
    void shouldBeOneTraceFromWrapToSettlement() {
        String sender = world.sender(100);
        String user = world.fresh("user");

        long packetId = world.publish(world.lucky(sender, 100, 1).build());
        world.grabAndOpen(packetId, user);
        world.awaitBalance(user, 100);
        world.view(packetId);

        await("spans").atMost(World.SETTLE_MAX).untilAsserted(() -> {
            Set<String> missing = new TreeSet<>(LIFE);
            missing.removeAll(names(spans(packetId)));
            assertEquals(Set.of(), missing);
        });
    }

    @Test
    void shouldNameThePacketAndNobody() {
        String sender = world.sender(100);
        String user = world.fresh("user");

        long packetId = world.publish(world.lucky(sender, 100, 1).build());
        world.grabAndOpen(packetId, user);
        world.awaitBalance(user, 100);

        await("spans")
                .atMost(World.SETTLE_MAX)
                .until(() -> names(spans(packetId)).contains("open-svc shares settle"));
        for (Span span : spans(packetId)) {
            assertEquals(Long.toString(packetId), span.attributes().get("hongbao.packet.id"), span::toString);
            String text = span.toString();
            for (String personal : List.of(sender, user, World.GROUP, "恭喜发财")) {
                assertTrue(!text.contains(personal), text);
            }
        }
    }

    @Test
    void shouldHangTheServersSpanBelowTheCallers() {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());
        String call = "hongbao.v1.WalletService/CreatePayment";

        await("spans").atMost(World.SETTLE_MAX).untilAsserted(() -> {
            Span caller = one(packetId, "send-svc", call);
            Span server = one(packetId, "wallet-bridge", call);
            assertEquals(caller.spanId(), server.parentId());
            assertEquals("0", server.attributes().get("rpc.grpc.status_code").replaceAll("\\D", ""));
        });
    }

    private Span one(long packetId, String service, String name) {
        return spans(packetId).stream()
                .filter(span -> span.service().equals(service) && span.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span yet of " + service + " " + name));
    }

    private List<Span> spans(long packetId) {
        return collector.ofTrace(new PacketTraceId(new PacketId(packetId)).toString());
    }

    private static Set<String> names(List<Span> spans) {
        return spans.stream().map(span -> span.service() + " " + span.name()).collect(Collectors.toSet());
    }
}
