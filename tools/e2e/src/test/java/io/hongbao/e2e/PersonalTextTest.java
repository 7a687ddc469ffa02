package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.stack.Database;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.ShareState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A greeting is told to whoever asks for its packet, and lies nowhere as clear text: every byte of every file is searched
 * that PostgreSQL, Redis, Kafka and the services have written, write-ahead logs and deleted rows included.
 */
@OnRunningStack
class PersonalTextTest {
    private static final int CHUNK_BYTES = 1 << 20;

    private final World world;

    PersonalTextTest(World world) {
        this.world = world;
    }

    @Test
    void shouldLeaveNoGreetingInAnyStoreOrLog() throws Exception {
        // given two packets with greetings nobody else has: one lives its whole life, one is refunded
        String secret = UUID.randomUUID().toString().replace("-", "");
        String sender = world.sender(10_000);
        long opened = world.publish(greeted(sender, secret).build());
        long refunded = world.publish(
                greeted(sender, secret).setTimeToLive(World.seconds(2)).build());
        world.grabAndOpen(refunded, world.fresh("user"));
        String receiver = world.fresh("receiver");
        world.grabAndOpen(opened, receiver);
        for (int i = 0; i < 2; i++) {
            world.grabAndOpen(opened, world.fresh("user"));
        }

        // when all has come to rest, and the greeting was told
        await("money and records").atMost(World.SETTLE_MAX).untilAsserted(() -> {
            assertEquals(PacketState.PACKET_STATE_EXPIRED, world.state(refunded));
            world.view(opened)
                    .shares()
                    .forEach(share -> assertEquals(ShareState.SHARE_STATE_SETTLED, share.getState()));
            assertEquals(
                    2,
                    world.clients()
                            .query()
                            .listSentPackets(ListSentPacketsRequest.newBuilder()
                                    .setUserId(sender)
                                    .build())
                            .getPacketsCount());
        });
        assertEquals("大吉大利 " + secret, greeting(opened));
        assertEquals("大吉大利 " + secret, greeting(refunded));

        // then it is nowhere, where other words of the same packets are
        Path stores = stores();
        Set<String> withReceiver = foldersWith(stores, receiver);
        assertTrue(withReceiver.containsAll(List.of("pg.core", "kafka", "redis")), withReceiver.toString());
        assertTrue(withReceiver.contains("pg.set-a") || withReceiver.contains("pg.set-b"), withReceiver.toString());
        assertEquals(Set.of(), foldersWith(stores, secret));
        assertEquals(Set.of(), foldersWith(stores, hex(secret)));
        assertEquals(Set.of(), foldersWith(world.stack().folder(), secret));
        assertEquals(Set.of(), foldersWith(world.stack().folder(), hex(secret)));
    }

    private CreatePacketRequest.Builder greeted(String sender, String secret) {
        return world.lucky(sender, 600, 3).setGreeting("大吉大利 " + secret);
    }

    private String greeting(long packetId) {
        return world.clients()
                .query()
                .getPacket(GetPacketRequest.newBuilder().setPacketId(packetId).build())
                .getPacket()
                .getGreeting();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The folder of all stores, with what PostgreSQL still has in memory. */
    private Path stores() throws SQLException {
        Path folder = Path.of("");
        var servers = new TreeSet<Path>();
        var stores = world.stack().stores();
        for (Database database : List.of(
                stores.control(),
                Objects.requireNonNull(stores.sets().get("set-a")),
                Objects.requireNonNull(stores.sets().get("set-b")))) {
            try (var connection = database.connect();
                    var statement = connection.createStatement()) {
                statement.execute("checkpoint");
                try (var row = statement.executeQuery("show data_directory")) {
                    row.next();
                    folder = Path.of(row.getString(1)).getParent();
                    servers.add(folder);
                }
            }
        }
        assertEquals(1, servers.size());
        return folder;
    }

    /** Of the folders in a folder, those with a file that holds the word. */
    private static Set<String> foldersWith(Path folder, String word) throws IOException {
        var found = new TreeSet<String>();
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).getName(0).toString();
                if (!found.contains(name) && holds(file, word)) {
                    found.add(name);
                }
            }
        }
        return found;
    }

    private static boolean holds(Path file, String word) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String before = "";
            for (byte[] chunk; (chunk = in.readNBytes(CHUNK_BYTES)).length > 0; ) {
                // Bytes as characters, one by one.
                String text = before + new String(chunk, StandardCharsets.ISO_8859_1);
                if (text.contains(word)) {
                    return true;
                }
                before = text.substring(Math.max(0, text.length() - word.length()));
            }
            return false;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }
}
