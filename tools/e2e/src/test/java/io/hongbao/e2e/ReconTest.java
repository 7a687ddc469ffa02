package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.hongbao.cli.packet.PacketFreeze;
import io.hongbao.cli.recon.Difference;
import io.hongbao.cli.recon.Kind;
import io.hongbao.cli.recon.Reconciliation;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Repair;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** One packet of the running stack at a time: what other tests did to theirs is not looked at. */
@OnRunningStack
class ReconTest {
    private static final Duration HORIZON = Duration.ofMillis(500);
    private static final Duration REPAIR_MAX = Duration.ofSeconds(30);

    private final World world;
    private final StoreAddresses stores;

    ReconTest(World world) {
        this.world = world;
        this.stores = world.stack().stores();
    }

    private Report reconcile(long packetId) throws Exception {
        return new Reconciliation(stores, PacketId.NORTH, new PacketId(packetId).day(), "", HORIZON).run();
    }

    private Set<Kind> kinds(long packetId) throws Exception {
        return reconcile(packetId).differences().stream()
                .filter(difference -> difference.packetId() == packetId)
                .map(Difference::kind)
                .collect(Collectors.toSet());
    }

    private static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate(sql), sql);
        }
    }

    @Test
    void shouldNameALostRecordAndRepairItByTellingTheEventsAgain() throws Exception {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 2).build());
        String user = world.fresh("user");
        world.grabAndOpen(packetId, user);
        await("a sound packet").atMost(REPAIR_MAX).until(() -> kinds(packetId).isEmpty());
        execute(stores.records(), "delete from received_share where packet_id = " + packetId);

        Report report = reconcile(packetId);

        List<Difference> found = report.differences().stream()
                .filter(difference -> difference.packetId() == packetId)
                .toList();
        assertEquals(
                List.of(Kind.RECORD_MISSING),
                found.stream().map(Difference::kind).toList());
        new Repair(stores, world.clients().send(), "test").repair(new Report(report.sets(), found, report.packets()));
        await("the record").atMost(REPAIR_MAX).until(() -> kinds(packetId).isEmpty());
    }

    @Test
    void shouldOpenNothingOfAFrozenPacket() throws Exception {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 2).build());
        OpenRequest open = world.ticketed(packetId, world.fresh("user"));

        assertEquals("done", PacketFreeze.freeze(stores, packetId, "test", "a test"));

        Refused.with(Status.Code.FAILED_PRECONDITION, "PACKET_FROZEN", () -> world.open(open));
        assertEquals("done", PacketFreeze.unfreeze(stores, packetId, "test", "a test"));
        assertEquals(OpenResult.OPEN_RESULT_OPENED, world.open(open).getResult());
    }
}
