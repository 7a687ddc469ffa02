package io.hongbao.cli.up;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.control.ControlChanges;
import io.hongbao.cli.control.ControlChanges.Mask;
import io.hongbao.cli.control.ControlChanges.SwitchState;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.HealthProbe;
import io.hongbao.cli.stack.HealthProbe.Health;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.text.Table;
import io.hongbao.cli.up.StackState.ServerEntry;
import io.hongbao.cli.up.StackState.ServiceEntry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a running stack. */
@Command(
        name = "status",
        description = "Show every server and service of the running stack. Exit code 1 if something is not well.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    private static final String RUNNING = "running";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private record Line(String name, long pid, String address, String health, boolean well) {}

    /** Of two regions. */
    private record RegionsReport(
            boolean running, boolean well, long pid, Map<String, RegionReport> regions, List<RecordsOf> records) {}

    private record RegionReport(boolean well, List<Line> parts, Turned turned, String logs) {
        private static final RegionReport NONE = new RegionReport(false, List.of(), Turned.UNKNOWN, "");

        static RegionReport of(StackState state) {
            var lines = new ArrayList<Line>();
            state.servers().stream().map(StatusCommand::server).forEach(lines::add);
            state.services().stream()
                    .map(service -> service(service, state.certificatesFolder()))
                    .forEach(lines::add);
            return new RegionReport(
                    lines.stream().allMatch(Line::well),
                    lines,
                    Turned.read(state.stores().control()),
                    state.folder());
        }
    }

    private record Report(boolean running, boolean well, long pid, List<Line> parts, Turned turned) {}

    /** What operators have turned down; not known if its database does not answer. */
    private record Turned(boolean known, List<SwitchState> switches, List<Mask> masks) {
        private static final Turned UNKNOWN = new Turned(false, List.of(), List.of());

        static Turned read(Database control) {
            try {
                return new Turned(
                        true,
                        ControlChanges.switches(control).stream()
                                .filter(SwitchState::isSet)
                                .toList(),
                        ControlChanges.masks(control));
            } catch (SQLException away) {
                return UNKNOWN;
            }
        }

        String words() {
            if (!known) {
                return "not known: database control does not answer";
            }
            var words = new ArrayList<String>();
            masks.forEach(mask -> words.add((mask.draining() ? "drain " : "mask ") + mask.target()));
            switches.forEach(one -> words.add(one.name() + " " + one.value()));
            return words.isEmpty() ? "nothing" : String.join(", ", words);
        }
    }

    @Override
    public Integer call() throws JsonProcessingException {
        List<StackState> known = StackState.readAll(ProjectHome.find()).stream()
                .filter(state -> region.given().isEmpty() || region.given().get() == state.region())
                .toList();
        List<StackState> running = known.stream().filter(StackState::isAlive).toList();
        long pid = known.isEmpty() ? 0 : known.getFirst().pid();
        boolean several = running.size() > 1;
        var reports = new LinkedHashMap<String, RegionReport>();
        running.forEach(state -> reports.put(state.region().word(), RegionReport.of(state)));
        boolean well = !running.isEmpty() && reports.values().stream().allMatch(report -> report.well);
        if (json) {
            RegionReport only = reports.values().stream().findFirst().orElse(RegionReport.NONE);
            out().println(new ObjectMapper()
                    .writeValueAsString(
                            several
                                    ? new RegionsReport(true, well, pid, reports, recordsOf(running))
                                    : new Report(!running.isEmpty(), well, pid, only.parts, only.turned)));
        } else if (!running.isEmpty()) {
            reports.forEach((name, report) -> print(several ? name : "", report));
            if (several) {
                print(recordsOf(running));
            }
        } else if (!known.isEmpty()) {
            out().println("No stack is running: process " + pid
                    + " has gone without a word. hongbao down clears what it left.");
        } else {
            out().println("No stack is running.");
        }
        return well ? 0 : Hongbao.EXIT_FAILED;
    }

    private void print(String name, RegionReport report) {
        if (!name.isEmpty()) {
            out().println(name);
        }
        var table = Table.indented("").left("part").right("pid").left("address").left("health");
        report.parts.forEach(line -> table.row(line.name(), line.pid(), line.address(), line.health()));
        out().print(table);
        out().println("\nswitched and masked: " + report.turned.words());
        out().println("logs: " + report.logs + (name.isEmpty() ? "" : "\n"));
    }

    /** What the records home knows of each region; nothing if it does not answer. */
    private static List<RecordsOf> recordsOf(List<StackState> running) {
        try {
            return RecordsOf.read(running.getFirst().stores().records());
        } catch (SQLException away) {
            return List.of();
        }
    }

    private void print(List<RecordsOf> records) {
        out().println("user records: "
                + (records.isEmpty()
                        ? "not known, their database does not answer"
                        : records.stream().map(RecordsOf::words).collect(Collectors.joining("; "))));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Line server(ServerEntry server) {
        boolean running =
                ProcessHandle.of(server.pid()).map(ProcessHandle::isAlive).orElse(false);
        return new Line(server.name(), server.pid(), server.address(), running ? RUNNING : "gone", running);
    }

    private static Line service(ServiceEntry service, Optional<Path> certificates) {
        try (var probe = new HealthProbe(service.address(), service.service(), certificates)) {
            Health health = probe.ask();
            return new Line(service.name(), service.pid(), service.address(), health.name(), health == Health.SERVING);
        }
    }
}
