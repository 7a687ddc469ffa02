package io.hongbao.cli.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.trace.PacketTrace.Event;
import io.hongbao.cli.up.RegionOption;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.id.PacketTraceId;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells the whole life of a packet. */
@Command(
        name = "trace",
        description = {
            "Tell the whole life of a packet in order, from every store of the running stack.",
            "It names users: show it to nobody who may not know them."
        },
        mixinStandardHelpOptions = true)
public final class TraceCommand implements Callable<Integer> {
    private static final String NOW = "now";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Mixin
    private RegionOption region = new RegionOption();

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        if (!PacketId.isWellFormed(packetId)) {
            throw new CommandFailure(packetId + " is no order number");
        }
        List<Event> events;
        try {
            events = PacketTrace.of(region.stackOf(packetId).stores(), packetId);
        } catch (SQLException | IOException e) {
            throw new CommandFailure("cannot read the stores: " + e.getMessage(), e);
        }
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper()
                    .writeValueAsString(
                            events.stream().map(TraceCommand::toJson).toList()));
        } else {
            var table = Table.indented("").left("time").left("store").left("what");
            events.forEach(event -> table.row(time(event), event.store(), event.what()));
            out.print(table);
            out.println("\nOpenTelemetry trace: " + new PacketTraceId(new PacketId(packetId)));
            out.flush();
        }
        if (events.isEmpty()) {
            throw new CommandFailure("no store knows packet " + packetId);
        }
        return 0;
    }

    private static String time(Event event) {
        return event.at().equals(Instant.MAX) ? NOW : event.at().toString();
    }

    private static LinkedHashMap<String, String> toJson(Event event) {
        var object = new LinkedHashMap<String, String>();
        object.put("at", time(event));
        object.put("store", event.store());
        object.put("what", event.what());
        return object;
    }
}
