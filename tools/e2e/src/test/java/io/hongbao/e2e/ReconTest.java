package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import io.hongbao.cli.Hongbao;
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
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** As in a deployment: addresses in a file, secrets in files that it names. */
    @Test
    void shouldCompareTheStoresThatAFileTellsOf(@TempDir Path folder) throws Exception {
        world.publish(world.lucky(world.sender(100), 100, 2).build());
        var out = new StringWriter();

        int code = Hongbao.commandLine(new PrintWriter(out, true), new PrintWriter(out, true))
                .execute(
                        "recon",
                        "run",
                        "--days",
                        "2",
                        "--horizon",
                        "1",
                        "--json",
                        "--stores",
                        storesFile(folder).toString());

        List<String> runs = out.toString().lines().toList();
        assertEquals(2, runs.size(), out::toString);
        JsonNode today = new ObjectMapper().readTree(runs.getLast());
        assertEquals(2, today.path("sets").size(), out::toString);
        // Other tests damage packets of theirs, so there may be differences.
        assertEquals(code == 0, runs.stream().allMatch(run -> run.contains("\"differences\":[]")), out::toString);
    }

    private Path storesFile(Path folder) throws IOException {
        var text = new StringBuilder("region=1\nredis.url=" + stores.redisUrl() + "\n");
        for (var set : stores.sets().entrySet()) {
            String name = "sets." + set.getKey();
            text.append("%s.range=%s%n".formatted(name, stores.setRanges().get(set.getKey())));
            text.append(store(folder, name, set.getValue()));
        }
        text.append(store(folder, "control", stores.control()))
                .append(store(folder, "ledger", stores.ledger()))
                .append(store(folder, "records", stores.records()))
                .append(store(folder, "cold", stores.cold()));
        return Files.writeString(folder.resolve("stores.properties"), text);
    }

    private static String store(Path folder, String name, Database database) throws IOException {
        Path password = Files.writeString(folder.resolve(name), database.password() + "\n");
        return "%1$s.url=%2$s%n%1$s.username=%3$s%n%1$s.password-file=%4$s%n"
                .formatted(name, database.pgUrl(), database.user(), password);
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
