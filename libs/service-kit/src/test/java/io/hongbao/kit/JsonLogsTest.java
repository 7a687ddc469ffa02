package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.junit.jupiter.api.Test;

class JsonLogsTest {
    @Test
    void shouldWriteOneJsonObjectALineWhateverIsInTheMessage() {
        var bytes = new ByteArrayOutputStream();
        var console = new ConsoleHandler();
        console.setOutputStream(bytes);
        var outer = new ExtHandler() {};
        outer.addHandler(console);
        JsonLogs.turn(outer);

        console.publish(new ExtLogRecord(Level.INFO, "Two \"lines\"\nof text set=set-a", JsonLogsTest.class.getName()));
        console.flush();

        String written = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(1, written.strip().lines().count());
        JsonObject line = Json.createReader(new StringReader(written)).readObject();
        assertEquals("Two \"lines\"\nof text set=set-a", line.getString("message"));
        assertEquals("INFO", line.getString("level"));
    }
}
