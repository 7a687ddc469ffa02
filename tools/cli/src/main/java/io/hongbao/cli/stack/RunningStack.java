package io.hongbao.cli.stack;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.hongbao.cli.CommandFailure;
import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.FreePorts;
import io.hongbao.stackprocess.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.flywaydb.core.api.FlywayException;

/**
 * Everything on one machine: the stores as real servers, their schemas, and the five services as child JVMs. For the
 * commands, the cross-service tests, drills and benchmarks.
 *
 * <pre>{@code
 * try (var stack = RunningStack.start(StackOptions.temporary(ProjectHome.find()), System.err::println)) {
 *     var clients = new Clients(stack.addresses());
 *     stack.service(Service.OPEN).kill();
 * }
 * }</pre>
 *
 * Nothing of it outlives this program: {@link #close()} runs at its end in any case, and where it cannot (kill -9), the
 * guards of the services and of the servers notice.
 */
public final class RunningStack implements AutoCloseable {
    /** The PostgreSQL server of everything that is not sharded. */
    private static final String CORE = "core";
    /** Ends the name of a SET's second server. */
    private static final String SECOND = "-2";
    /** A server that is frozen is no standby to rely on. */
    private static final int ANSWER_SECONDS_MAX = 3;

    private final StackOptions options;
    private final LocalStack servers;
    private volatile StoreAddresses stores;
    private final RunFolder folder;
    private final List<ServiceProcess> processes;
    private final Thread endOfProgram = new Thread(this::end, "end of the stack");
    private boolean ended;
    private volatile boolean keepFolder;
    private volatile boolean stopped;

    private RunningStack(
            StackOptions options,
            LocalStack servers,
            StoreAddresses stores,
            RunFolder folder,
            List<ServiceProcess> processes) {
        this.options = options;
        this.servers = servers;
        this.stores = stores;
        this.folder = folder;
        this.processes = new CopyOnWriteArrayList<>(processes);
    }

    /**
     * Starts all, and returns when every service says SERVING.
     *
     * @param progress hears one line for each step
     * @throws CommandFailure if something is not built, a port is taken, or a part does not come up
     */
    public static RunningStack start(StackOptions options, Consumer<String> progress)
            throws IOException, InterruptedException {
        // Before the servers: what is not built, or has no port, should be told at once.
        for (Service service : options.services()) {
            options.home().program(service);
        }
        List<Port> ports = choosePorts(options);
        options.home().useLocalStack();

        var watch = new StopWatch(progress);
        LocalStack servers = LocalStack.start(new LocalStack.Options(
                options.data(), LocalStack.Options.all().only(), options.sets().size(), options.standbys()));
        try {
            StoreAddresses stores = addressesOf(servers, options.sets());
            watch.done("PostgreSQL ×" + (options.sets().size() + 1) + ", Redis and Kafka are up");
            migrate(stores, options.services());
            stores = withJoined(servers, stores);
            watch.done("schemas are in place");

            RunFolder folder = RunFolder.create(options.home());
            ServiceConfig config = ServiceConfig.of(
                    stores,
                    grpcPorts(ports, Service.OPEN),
                    grpcPorts(ports, Service.SEND).getFirst(),
                    grpcPorts(ports, Service.WALLET).getFirst(),
                    StackSecrets.settings(options.data(), options.tls()),
                    options.sharedOverrides());
            config.write(folder.config());
            if (options.tls()) {
                StackCertificates.make(folder.certificates());
                StackAssertions.keep(config.shared(), folder.certificates());
            }
            var processes = new ArrayList<ServiceProcess>();
            for (Port port : ports) {
                if (options.services().contains(port.service())) {
                    processes.add(process(options, folder, stores, port));
                }
            }
            var stack = new RunningStack(options, servers, stores, folder, processes);
            Runtime.getRuntime().addShutdownHook(stack.endOfProgram);
            try {
                stack.startServices();
            } catch (RuntimeException | InterruptedException e) {
                stack.keepFolder();
                stack.close();
                throw e;
            }
            watch.done(processes.size() + " services are serving");
            return stack;
        } catch (IOException | RuntimeException | InterruptedException e) {
            servers.close();
            throw e;
        }
    }

    /** A process to be, and where it listens. */
    private record Port(String process, Service service, boolean firstInstance, int grpc, int management) {}

    private static List<Port> choosePorts(StackOptions options) {
        int instanceCount = Service.values().length - 1 + options.openInstanceCount();
        List<Integer> free = FreePorts.next(2 * instanceCount);
        var ports = new ArrayList<Port>();
        for (Service service : Service.values()) {
            int count = service == Service.OPEN ? options.openInstanceCount() : 1;
            for (int i = 1; i <= count; i++) {
                String process = count == 1 ? service.module() : service.module() + "-" + i;
                int grpc = free.get(2 * ports.size());
                int management = free.get(2 * ports.size() + 1);
                if (i == 1 && options.portBase().isPresent()) {
                    grpc = service.grpcPort(options.portBase().getAsInt());
                    management = service.managementPort(options.portBase().getAsInt());
                    Loopback.requireFree(grpc, process);
                    Loopback.requireFree(management, "health and metrics of " + process);
                }
                ports.add(new Port(process, service, i == 1, grpc, management));
            }
        }
        return ports;
    }

    private static List<Integer> grpcPorts(List<Port> ports, Service service) {
        return ports.stream()
                .filter(port -> port.service() == service)
                .map(Port::grpc)
                .toList();
    }

    private static StoreAddresses addressesOf(LocalStack servers, List<SetLayout> layouts) {
        var sets = new LinkedHashMap<String, Database>();
        var ranges = new LinkedHashMap<String, String>();
        for (SetLayout set : layouts) {
            sets.put(set.name(), database(servers, set.name(), "orders"));
            ranges.put(set.name(), set.range());
        }
        return new StoreAddresses(
                sets,
                ranges,
                database(servers, CORE, "control"),
                database(servers, CORE, "ledger"),
                database(servers, CORE, "records"),
                database(servers, CORE, "cold"),
                servers.redisUrl(),
                servers.kafkaBootstrap());
    }

    private static Database database(LocalStack servers, String server, String name) {
        return new Database(
                servers.jdbcUrl(server, name), servers.pgUrl(server, name), LocalStack.USER, LocalStack.PASSWORD);
    }

    private static void migrate(StoreAddresses stores, Set<Service> services) throws InterruptedException {
        var jobs = new ArrayList<Callable<Object>>();
        stores.sets().values().forEach(set -> jobs.add(migration(Migrations.Kind.SET, set)));
        // Every service that reads orders looks for old ones there.
        jobs.add(migration(Migrations.Kind.COLD, stores.cold()));
        // Every service reads switches and masks there, and writes audit entries.
        Callable<Object> control = migration(Migrations.Kind.CONTROL, stores.control());
        jobs.add(() -> {
            control.call();
            ControlLogin.make(stores.control());
            return stores;
        });
        for (Service service : services) {
            switch (service) {
                case WALLET -> jobs.add(migration(Migrations.Kind.LEDGER, stores.ledger()));
                case QUERY -> jobs.add(migration(Migrations.Kind.RECORDS, stores.records()));
                case SEND, GRAB, OPEN -> {}
            }
        }
        inParallel(jobs);
    }

    private static Callable<Object> migration(Migrations.Kind kind, Database database) {
        return Executors.callable(() -> migrate(kind, database));
    }

    /** SETs that joined an earlier run on this data are there again. */
    private static StoreAddresses withJoined(LocalStack servers, StoreAddresses stores) {
        var urls = new HashMap<String, String>();
        servers.postgres().stream()
                .map(name -> name.substring("pg.".length()))
                .filter(name -> !name.equals(CORE))
                .forEach(set -> urls.put(set, servers.pgUrl(set, "orders")));
        try {
            StackSets.readdress(stores.control(), urls);
            StoreAddresses now = stores.now();
            for (var set : now.sets().entrySet()) {
                if (!stores.sets().containsKey(set.getKey())) {
                    migrate(Migrations.Kind.SET, set.getValue());
                }
            }
            return now;
        } catch (SQLException e) {
            throw new CommandFailure("cannot read the SETs that joined: " + e.getMessage(), e);
        }
    }

    /** Brings the schema of a database up to date. */
    public static void migrate(Migrations.Kind kind, Database database) {
        try {
            Migrations.migrate(kind, database.jdbcUrl(), database.user(), database.password());
        } catch (FlywayException e) {
            throw new CommandFailure(
                    "the schema of " + database.jdbcUrl() + " cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    private static ServiceProcess process(StackOptions options, RunFolder folder, StoreAddresses stores, Port port)
            throws IOException {
        Path program = options.home().program(port.service());
        return process(
                options,
                folder,
                port,
                program,
                ServiceConfig.ofProcess(port.service(), port.grpc(), port.management(), stores),
                options.overridesOf(port.service()));
    }

    /** @param overrides above all other sources, as an override should be */
    private static ServiceProcess process(
            StackOptions options,
            RunFolder folder,
            Port port,
            Path program,
            Map<String, String> settings,
            Map<String, String> overrides)
            throws IOException {
        boolean isJar = program.toString().endsWith(".jar");
        var command = new ArrayList<String>();
        if (isJar) {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options.jvm().flags());
            // Netty's and Jansi's native parts, and Netty's own memory: JDK 25 warns of them otherwise.
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
            command.addAll(archiveFlags(options, port, program));
        } else {
            command.add(program.toString());
        }
        command.add("-Dquarkus.config.locations=" + folder.config());
        certificates(options, folder)
                .ifPresent(certificates -> command.add("-Dhongbao.tls.folder=" + certificates.of(port.service())));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        overrides.forEach((key, value) -> command.add("-D" + key + "=" + value));
        if (isJar) {
            command.add("-jar");
            command.add(program.toString());
        }
        return new ServiceProcess(
                port.process(),
                port.service(),
                port.grpc(),
                port.management(),
                folder.log(port.process()),
                certificates(options, folder).map(StackCertificates::folder),
                command);
    }

    /**
     * Starts another program that stands in for a service: same configuration, same JVM, same servers.
     *
     * @param name unique in this stack
     * @param service whose face it has
     * @return once it says SERVING
     */
    public ServiceProcess startStandIn(String name, Service service, Path program, Map<String, String> settings)
            throws IOException, InterruptedException {
        List<Integer> free = FreePorts.next(2);
        var port = new Port(name, service, false, free.get(0), free.get(1));
        ServiceProcess process = process(
                options,
                folder,
                port,
                program,
                ServiceConfig.ofProcess(service, port.grpc(), port.management(), stores),
                settings);
        processes.add(process);
        process.start();
        process.awaitServing(ServiceProcess.START_MAX);
        return process;
    }

    /** The JVM writes the archive at its first end and reads it at every start after that. One process writes it. */
    private static List<String> archiveFlags(StackOptions options, Port port, Path program) throws IOException {
        long builtAtMillis = Files.getLastModifiedTime(program).toMillis();
        Path archive = options.home()
                .archives()
                .resolve("%s-%s-%d.jsa"
                        .formatted(
                                port.service().module(), options.jvm().name().toLowerCase(Locale.ROOT), builtAtMillis));
        var flags = new ArrayList<>(
                List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr"));
        if (port.firstInstance() && options.writesArchives()) {
            flags.add("-XX:+AutoCreateSharedArchive");
        }
        return flags;
    }

    private void startServices() throws InterruptedException {
        processes.forEach(ServiceProcess::start);
        inParallel(processes.stream()
                .map(process -> (Callable<Object>) () -> {
                    process.awaitServing(ServiceProcess.START_MAX);
                    return process;
                })
                .toList());
    }

    /** Runs all, waits for all, and throws what the first of them threw. */
    private static void inParallel(List<Callable<Object>> jobs) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> results = jobs.stream().map(threads::submit).toList();
            for (Future<Object> result : results) {
                try {
                    result.get();
                } catch (ExecutionException e) {
                    threads.shutdownNow();
                    throw e.getCause() instanceof RuntimeException failure
                            ? failure
                            : new IllegalStateException(e.getCause());
                }
            }
        }
    }

    /** Where the services are called. */
    public Addresses addresses() {
        return new Addresses(
                processes.stream()
                        .collect(groupingBy(ServiceProcess::service, mapping(ServiceProcess::address, toList()))),
                certificates());
    }

    /** The folder of the stack's certificates, if it has any. */
    public Optional<Path> certificates() {
        return certificates(options, folder).map(StackCertificates::folder);
    }

    private static Optional<StackCertificates> certificates(StackOptions options, RunFolder folder) {
        return options.tls() ? Optional.of(new StackCertificates(folder.certificates())) : Optional.empty();
    }

    /** Where the stores are, for checks that trust no service. */
    public StoreAddresses stores() {
        return stores;
    }

    /** Starts a server for a SET that is to join. @return its address, {@code postgresql://host:port/orders} */
    public String startSetServer(String set) throws IOException {
        servers.add(set);
        return servers.pgUrl(set, "orders");
    }

    /**
     * Makes the standby of a SET its primary, and the server that was it a new standby. The old primary is dead before the
     * new one takes a write.
     *
     * @return the name of the new primary
     */
    public String failover(String set) throws IOException {
        String first = "pg." + set;
        String second = first + SECOND;
        if (!servers.postgres().contains(second)) {
            throw new CommandFailure(set + " has no standby. Start the stack with: hongbao up --standby " + set);
        }
        String standby = List.of(first, second).stream()
                .filter(this::standsBy)
                .findFirst()
                .orElseThrow(() -> new CommandFailure("no standby of " + set + " answers"));
        String old = standby.equals(first) ? second : first;
        servers.signal(old, "KILL");
        servers.promote(standby);
        servers.follow(old, standby);
        return standby;
    }

    private boolean standsBy(String server) {
        try (var connection = StackSets.at(
                                "postgresql://127.0.0.1:" + servers.port(server) + "/orders",
                                new Database("", "", LocalStack.USER, LocalStack.PASSWORD))
                        .connect(ANSWER_SECONDS_MAX);
                var statement = connection.createStatement();
                var row = statement.executeQuery("select pg_is_in_recovery()")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException away) {
            return false;
        }
    }

    /** From now on {@link #stores()} has what has joined. */
    public void lookForSets() {
        stores = stores.now();
    }

    /** What says of itself which SETs it serves: management address of each send-svc, open-svc and query-svc. */
    public Map<String, String> podsWithSets() {
        var pods = new LinkedHashMap<String, String>();
        processes.stream()
                .filter(process -> process.service().usesSets())
                .forEach(process -> pods.put(process.name(), process.managementAddress()));
        return pods;
    }

    /** The real servers: {@code pg.set-a}, {@code pg.set-b}, {@code pg.core}, {@code redis}, {@code kafka}. */
    public LocalStack servers() {
        return servers;
    }

    /** Every service process. */
    public List<ServiceProcess> processes() {
        return processes;
    }

    /** All instances of a service. */
    public List<ServiceProcess> instances(Service service) {
        return processes.stream()
                .filter(process -> process.service() == service)
                .toList();
    }

    /** The first instance of a service. */
    public ServiceProcess service(Service service) {
        return instances(service).getFirst();
    }

    /** Where the configuration and the logs of the services are. */
    public Path folder() {
        return folder.path();
    }

    /** Leaves configuration and logs behind at the end: something went wrong. */
    public void keepFolder() {
        keepFolder = true;
    }

    /** Stops all services, then the servers; their data stays for {@link #start()}. */
    public synchronized void stop() throws IOException, InterruptedException {
        stopped = true;
        stopServices();
        for (String server : serverNames()) {
            servers.stop(server);
        }
    }

    /** Starts again what was stopped, on the ports it had. */
    public synchronized void start() throws IOException, InterruptedException {
        for (String server : serverNames()) {
            servers.restart(server);
        }
        startServices();
        stopped = false;
    }

    /** Whether it was stopped, and is to be started again. */
    public boolean stopped() {
        return stopped;
    }

    private List<String> serverNames() {
        var names = new ArrayList<>(servers.postgres());
        names.addAll(List.of("redis", "kafka"));
        return names;
    }

    private void stopServices() throws InterruptedException {
        inParallel(processes.stream()
                .map(process -> (Callable<Object>) () -> {
                    process.stop();
                    return process;
                })
                .toList());
    }

    /** Ends all services, then the servers. May be called twice. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(endOfProgram);
        } catch (IllegalStateException alreadyEnding) {
            // The program ends: the hook runs, and end() lets only one of us do the work.
        }
        end();
    }

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            stopServices();
        } catch (InterruptedException e) {
            // The guards take down what is left once this program is gone.
            Thread.currentThread().interrupt();
        } finally {
            servers.close();
        }
        if (!keepFolder) {
            try {
                folder.delete();
            } catch (IOException e) {
                // The next run sweeps it away.
            }
        }
    }

    /** Tells how long each step took. */
    private static final class StopWatch {
        private final Consumer<String> progress;
        private long sinceNanos = System.nanoTime();

        StopWatch(Consumer<String> progress) {
            this.progress = progress;
        }

        void done(String what) {
            long now = System.nanoTime();
            progress.accept("%s (%.1f s)"
                    .formatted(what, Duration.ofNanos(now - sinceNanos).toMillis() / 1e3));
            sinceNanos = now;
        }
    }
}
