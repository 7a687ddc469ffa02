package io.hongbao.cli.call;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.stack.Addresses;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.up.RegionOption;
import io.hongbao.cli.up.StackState;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that call services share: where to, how to print, and how to tell an error. */
public abstract class CallCommand implements Callable<Integer> {
    /** The group of all who give no other. */
    protected static final String DEFAULT_GROUP = "friends";

    private static final JsonFormat.Printer JSON = JsonFormat.printer()
            .preservingProtoFieldNames()
            .alwaysPrintFieldsWithNoPresence()
            .omittingInsignificantWhitespace();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: the answer, in the JSON form of its message (64-bit numbers are strings).")
    private boolean json;

    @Mixin
    private RegionOption region = new RegionOption();

    @Option(
            names = "--address",
            paramLabel = "SERVICE=HOST:PORT",
            description =
                    "Call a service here, for instance open-svc=10.0.0.1:9103. Default: the running stack's services, "
                            + "or the default ports.")
    private Map<String, String> addresses = new LinkedHashMap<>();

    @Override
    public final Integer call() {
        try (var clients = new Clients(target())) {
            return call(clients);
        } catch (StatusRuntimeException failure) {
            CallFailure error = CallFailure.of(failure);
            if (json) {
                out().println(ErrorJson.of(error));
            } else {
                err().println("hongbao: " + error);
                if (error.code() == io.grpc.Status.Code.UNAVAILABLE
                        && error.reason().isEmpty()) {
                    err().println("Is the stack running? Start it with: hongbao up --detach");
                }
            }
            return Hongbao.EXIT_FAILED;
        }
    }

    /** @return the exit code */
    protected abstract int call(Clients clients);

    /** The packet that the call is about, whose number says where it goes; 0 without one. */
    protected long packet() {
        return 0;
    }

    private Addresses target() {
        var byService = new EnumMap<Service, List<String>>(Service.class);
        Addresses running = running();
        byService.putAll(running.byService());
        addresses.forEach((module, address) -> byService.put(
                Service.ofModule(module).orElseThrow(() -> usage("--address: there is no service " + module)),
                List.of(address)));
        return new Addresses(byService, running.certificates());
    }

    /** The region that was asked for must run; without one the packet's does, or the north takes the call. */
    private Addresses running() {
        List<StackState> states;
        try {
            states = StackState.alive(ProjectHome.find());
        } catch (CommandFailure notInTheProject) {
            return Addresses.ofPortBase(Service.PORT_BASE);
        }
        if (region.given().isPresent()) {
            return region.stack().addresses();
        }
        Region wanted = Region.of(packet()).orElse(Region.NORTH);
        return states.stream()
                .filter(state -> state.region() == wanted)
                .findFirst()
                .or(() -> states.stream().findFirst())
                .map(StackState::addresses)
                .orElse(Addresses.ofPortBase(Service.PORT_BASE));
    }

    protected ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    protected PrintWriter out() {
        return spec.commandLine().getOut();
    }

    protected PrintWriter err() {
        return spec.commandLine().getErr();
    }

    protected boolean json() {
        return json;
    }

    /** Prints the answer in the form that was asked for. */
    protected void print(MessageOrBuilder answer, String words) {
        out().println(json ? toJson(answer) : words);
    }

    protected static String toJson(MessageOrBuilder message) {
        try {
            return JSON.print(message);
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException("no Any in our messages", impossible);
        }
    }

    /** The given id, or a new one if it is empty: two runs of a command are two requests. */
    protected static String requestId(String given) {
        return given.isEmpty() ? UUID.randomUUID().toString() : given;
    }
}
