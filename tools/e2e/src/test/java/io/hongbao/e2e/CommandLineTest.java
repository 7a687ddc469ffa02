package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.stack.Service;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands that call services, from deposit to proof. */
@OnRunningStack
class CommandLineTest {
    private final World world;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    CommandLineTest(World world) {
        this.world = world;
    }

    @Test
    void shouldGoFromDepositToProof() throws IOException {
        String sender = world.fresh("sender");
        assertEquals("1000", json("deposit", sender, "1000").get("balance_fen").asText());

        String packet = json("send", "--from", sender, "--yuan", "8.88", "--shares", "2", "--group", World.GROUP)
                .get("packet")
                .get("packet_id")
                .asText();
        world.state(Long.parseLong(packet));

        JsonNode grabbed = json("grab", packet, "--user", "one", "--group", World.GROUP);
        assertEquals("GRAB_RESULT_GRANTED", grabbed.get("result").asText());
        JsonNode first = json(
                "open",
                packet,
                "--user",
                "one",
                "--group",
                World.GROUP,
                "--ticket",
                grabbed.get("ticket").asText());
        assertEquals("OPEN_RESULT_OPENED", first.get("result").asText());
        assertEquals(1, run("verify", packet), "the seed is secret while a share is left");
        JsonNode second = json("open", packet, "--user", "two", "--group", World.GROUP);
        assertEquals(
                888, first.get("amount_fen").asLong() + second.get("amount_fen").asLong());

        assertEquals(2, json("show", packet).get("shares").size());
        assertTrue(json("verify", packet).get("matches").asBoolean());
        assertEquals("112", json("balance", sender).get("balance_fen").asText());
        assertEquals(0, run("verify", packet));
        assertTrue(out.toString().contains("✓ every amount is what the seed draws"), out.toString());
        assertEquals(0, run("show", packet));
    }

    @Test
    void shouldTellAReasonWithoutATrace() {
        assertEquals(1, run("show", "1000000010000000001"));
        assertTrue(err.toString().startsWith("hongbao: PACKET_NOT_FOUND: "), err.toString());
    }

    private JsonNode json(String... words) throws IOException {
        var more = new ArrayList<>(List.of(words));
        more.add("--json");
        assertEquals(0, run(more.toArray(String[]::new)), () -> err + out.toString());
        return new ObjectMapper().readTree(out.toString());
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var line = new ArrayList<>(List.of(words));
        for (Service service : Service.values()) {
            line.add("--address");
            line.add(service.module() + "=" + world.stack().addresses().of(service));
        }
        return Hongbao.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(line.toArray(String[]::new));
    }
}
