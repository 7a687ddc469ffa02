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
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private record Line(String name, long pid, String address, String health, boolean well) {}

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
        ProjectHome home = ProjectHome.find();
        Optional<StackState> state = StackState.read(home);
        var lines = new ArrayList<Line>();
        boolean running = state.isPresent() && state.get().isAlive();
        if (running) {
            state.get().servers().stream().map(StatusCommand::server).forEach(lines::add);
            state.get().services().stream()
                    .map(service -> service(service, state.get().certificatesFolder()))
                    .forEach(lines::add);
        }
        var report = new Report(
                running,
                running && lines.stream().allMatch(Line::well),
                state.map(StackState::pid).orElse(0L),
                lines,
                running ? Turned.read(state.get().stores().control()) : Turned.UNKNOWN);
        if (json) {
            spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(report));
        } else if (running) {
            var table =
                    Table.indented("").left("part").right("pid").left("address").left("health");
            lines.forEach(line -> table.row(line.name(), line.pid(), line.address(), line.health()));
            spec.commandLine().getOut().print(table);
            spec.commandLine()
                    .getOut()
                    .println("\nswitched and masked: " + report.turned().words());
            spec.commandLine().getOut().println("logs: " + state.get().folder());
        } else if (state.isPresent()) {
            spec.commandLine()
                    .getOut()
                    .println("No stack is running: process " + state.get().pid()
                            + " has gone without a word. hongbao down clears what it left.");
        } else {
            spec.commandLine().getOut().println("No stack is running.");
        }
        return report.well() ? 0 : Hongbao.EXIT_FAILED;
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
