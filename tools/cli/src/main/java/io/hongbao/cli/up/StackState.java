package io.hongbao.cli.up;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.Addresses;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.RegionStacks;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.StoreAddresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a running {@code up} tells the other commands of one region, in {@code .hongbao/stack.json}; of the south in
 * {@code .hongbao/stack-south.json}.
 *
 * @param region north, unless there are two
 * @param pid the process of {@code up}
 * @param startedAtMillis when that process started, milliseconds since 1970: process ids are used again
 * @param folder configuration and logs of the services
 * @param certificates folder of the certificates; empty without TLS
 */
public record StackState(
        Region region,
        long pid,
        long startedAtMillis,
        String folder,
        String certificates,
        List<ServiceEntry> services,
        List<ServerEntry> servers,
        StoreAddresses stores) {
    /** One service process. */
    public record ServiceEntry(String name, Service service, long pid, String address, String management, String log) {}

    /** One real server. */
    public record ServerEntry(String name, long pid, String address) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOST = "127.0.0.1:";

    static StackState of(RegionStacks stacks, Region region) {
        RunningStack stack = stacks.of(region);
        ProcessHandle self = ProcessHandle.current();
        var services = stack.processes().stream()
                .map(process -> new ServiceEntry(
                        process.name(),
                        process.service(),
                        process.pid(),
                        process.address(),
                        process.managementAddress(),
                        process.log().toString()))
                .toList();
        var names = new ArrayList<>(stack.servers().postgres());
        names.addAll(List.of("redis", "kafka"));
        var servers = names.stream()
                .map(name -> new ServerEntry(
                        name, stack.servers().pid(name), HOST + stack.servers().port(name)))
                .toList();
        return new StackState(
                region,
                self.pid(),
                startedAtMillis(self),
                stack.folder().toString(),
                stack.certificates().map(Path::toString).orElse(""),
                services,
                servers,
                stacks.stores(region));
    }

    /** What the files say, whether that process still lives or not; in the order of the regions. */
    static List<StackState> readAll(ProjectHome home) {
        return Stream.of(Region.values())
                .flatMap(region -> read(home, region).stream())
                .toList();
    }

    private static Optional<StackState> read(ProjectHome home, Region region) {
        Path file = file(home, region);
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), StackState.class));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (JacksonException damaged) {
            throw new CommandFailure(file + " is damaged; delete it if no stack is running", damaged);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The running stacks: none, one, or one for each region. */
    public static List<StackState> alive(ProjectHome home) {
        return readAll(home).stream().filter(StackState::isAlive).toList();
    }

    /** With the SETs that have joined since it started. */
    StackState withJoinedSets() {
        return new StackState(region, pid, startedAtMillis, folder, certificates, services, servers, stores.now());
    }

    boolean isAlive() {
        return process().isPresent();
    }

    /** The process of {@code up}, unless it has ended and its id is somebody else's. */
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(process -> process.isAlive() && startedAtMillis(process) == startedAtMillis);
    }

    private static long startedAtMillis(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    /** Readers see the old file or the new one, never half of it. */
    void write(ProjectHome home) throws IOException {
        Path file = file(home, region);
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.createDirectories(file.getParent());
        Files.write(next, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Of all regions. */
    static void forget(ProjectHome home) {
        for (Region region : Region.values()) {
            Path file = file(home, region);
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new CommandFailure("cannot delete " + file + ": " + e.getMessage(), e);
            }
        }
    }

    private static Path file(ProjectHome home, Region region) {
        return home.memory()
                .resolve(
                        switch (region) {
                            case NORTH -> "stack.json";
                            case SOUTH -> "stack-south.json";
                        });
    }

    /** Where the services are called. */
    public Addresses addresses() {
        var byService = new EnumMap<Service, List<String>>(Service.class);
        for (ServiceEntry entry : services) {
            byService
                    .computeIfAbsent(entry.service(), none -> new ArrayList<>())
                    .add(entry.address());
        }
        return new Addresses(byService, certificatesFolder());
    }

    /** Management address of each process that knows the SETs. */
    public Map<String, String> podsWithSets() {
        var pods = new LinkedHashMap<String, String>();
        services.stream()
                .filter(entry -> entry.service().usesSets())
                .forEach(entry -> pods.put(entry.name(), entry.management()));
        return pods;
    }

    /** Empty without TLS. */
    Optional<Path> certificatesFolder() {
        return certificates.isEmpty() ? Optional.empty() : Optional.of(Path.of(certificates));
    }
}
