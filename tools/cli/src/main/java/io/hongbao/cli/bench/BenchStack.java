package io.hongbao.cli.bench;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.bench.machine.BatchMeter;
import io.hongbao.cli.bench.machine.DatabaseWork;
import io.hongbao.cli.bench.machine.ProcessTimes;
import io.hongbao.cli.bench.machine.Weather;
import io.hongbao.cli.stack.Addresses;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.JvmProfile;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.cli.stack.StackAssertions;
import io.hongbao.cli.stack.StackCertificates;
import io.hongbao.cli.stack.StackOptions;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.tls.Party;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The servers and the services under measurement, with their meters: one SET, services as in production. */
final class BenchStack implements AutoCloseable {
    private static final SetLayout SET = SetLayout.LOCAL.getFirst();
    private static final int TICKET_KEY = 1;
    private static final int SECRET_BYTES = 32;
    /** A relay on a busy machine clears some thousand rows a second. */
    private static final Duration RELAYED_MAX = Duration.ofSeconds(60);

    private static final Duration RELAYED_POLL = Duration.ofMillis(50);

    private final RunningStack stack;
    private final TicketSigner signer;
    private final List<ServiceProcess> services;
    private final Connection meter;
    /** Of the server of everything that is not sharded, if the ledger takes part. */
    private final @Nullable Connection ledgerMeter;

    private final Path dataFolder;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private BenchStack(RunningStack stack, TicketSigner signer) throws SQLException {
        this.stack = stack;
        this.signer = signer;
        this.services = List.copyOf(stack.processes());
        this.meter = database().connect();
        this.ledgerMeter = services.stream().anyMatch(process -> process.service() == Service.WALLET)
                ? stack.stores().ledger().connect()
                : null;
        try (var statement = meter.createStatement();
                var row = statement.executeQuery("show data_directory")) {
            row.next();
            dataFolder = Path.of(row.getString(1)).toAbsolutePath();
        }
    }

    static BenchStack start(Set<Service> services, Consumer<String> progress)
            throws IOException, InterruptedException, SQLException {
        return start(services, false, progress);
    }

    /** @param tls mutual TLS between all; users are not vouched for, so that TLS alone makes the difference */
    static BenchStack start(Set<Service> services, boolean tls, Consumer<String> progress)
            throws IOException, InterruptedException, SQLException {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        StackOptions options = StackOptions.temporary(ProjectHome.find())
                .withJvm(JvmProfile.SERVER)
                .withOnly(EnumSet.copyOf(services), List.of(SET))
                .with("hongbao.tickets.signing-key", Integer.toString(TICKET_KEY))
                .with(
                        "hongbao.tickets.keys.\"" + TICKET_KEY + "\"",
                        HexFormat.of().formatHex(secret));
        if (tls) {
            options = options.withTls().with(StackAssertions.REQUIRED, "false");
        }
        var stack = RunningStack.start(options, progress);
        try {
            return new BenchStack(stack, new TicketSigner(TICKET_KEY, Map.of(TICKET_KEY, secret)));
        } catch (SQLException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    TicketSigner signer() {
        return signer;
    }

    RunningStack running() {
        return stack;
    }

    /** Where the services are called; who is not started is looked for where somebody else says that he is not there. */
    Addresses addresses() {
        var all = new EnumMap<Service, List<String>>(Service.class);
        for (Service service : Service.values()) {
            List<String> known = stack.addresses().all(service);
            all.put(service, known.isEmpty() ? List.of(services.getFirst().address()) : known);
        }
        return new Addresses(all);
    }

    /** The order store under measurement. */
    Database database() {
        return Objects.requireNonNull(stack.stores().sets().get(SET.name()));
    }

    ServiceProcess service(Service service) {
        return stack.service(service);
    }

    /** The services that were asked for. */
    List<ServiceProcess> services() {
        return services;
    }

    /** How an access layer calls open-svc. */
    ChannelCredentials openCredentials() {
        return stack.certificates()
                .map(folder -> StackCertificates.as(Party.ACCESS_LAYER, folder).channelCredentials(Party.OPEN_SVC))
                .orElseGet(InsecureChannelCredentials::create);
    }

    ServiceProcess openService() {
        return stack.service(Service.OPEN);
    }

    Weather weather() throws IOException {
        // Beside PostgreSQL's own folder, so that it does not find strange files in there.
        return Weather.look(Objects.requireNonNull(dataFolder.getParent()));
    }

    /** Waits until the events of earlier rounds are with Kafka, so that no round pays for another one. */
    void awaitRelayed() throws SQLException, InterruptedException {
        long end = System.nanoTime() + RELAYED_MAX.toNanos();
        try (var statement = meter.createStatement()) {
            do {
                try (var row = statement.executeQuery("select not exists (select from orders.outbox)")) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return;
                    }
                }
                Thread.sleep(RELAYED_POLL);
            } while (System.nanoTime() < end);
        }
        throw new CommandFailure(
                "the events of the last round are not relayed after " + RELAYED_MAX.toSeconds() + " s");
    }

    /** One reading of all meters, for differences. */
    record Reading(ProcessTimes cpu, DatabaseWork database) {}

    /** @param services whose processes count, by the names of the report */
    Reading read(List<ServiceProcess> services) throws IOException, SQLException {
        var pids = new LinkedHashMap<String, Long>();
        pids.put("generator", ProcessHandle.current().pid());
        for (ServiceProcess service : services) {
            pids.put(service.name(), service.pid());
        }
        pids.put("postgresql", stack.servers().pid("pg." + SET.name()));
        pids.put("postgresql-core", stack.servers().pid("pg.core"));
        pids.put("redis", stack.servers().pid("redis"));
        pids.put("kafka", stack.servers().pid("kafka"));
        return new Reading(ProcessTimes.read(pids), work());
    }

    private DatabaseWork work() throws SQLException {
        DatabaseWork orders = DatabaseWork.read(meter);
        return ledgerMeter == null ? orders : orders.plus(DatabaseWork.read(ledgerMeter));
    }

    /** What a service says of its batches; asked while it is at rest. */
    BatchMeter batches(ServiceProcess service) throws IOException, InterruptedException {
        return BatchMeter.read(http, service.managementAddress());
    }

    @Override
    public void close() {
        try {
            meter.close();
            if (ledgerMeter != null) {
                ledgerMeter.close();
            }
        } catch (SQLException e) {
            // The server ends anyway.
        }
        http.close();
        stack.close();
    }
}
