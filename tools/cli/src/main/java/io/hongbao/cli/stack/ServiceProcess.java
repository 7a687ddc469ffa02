package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.HealthProbe.Health;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One service as a child JVM, which a guard takes down when this program dies, however that happens. May be killed,
 * paused and started again; the address stays the same.
 */
public final class ServiceProcess {
    /** A service on a busy machine is up in ten seconds; nobody should wait longer than this for one that is not. */
    public static final Duration START_MAX = Duration.ofSeconds(90);
    /** Time to finish the calls in flight; what takes longer is killed. */
    private static final Duration STOP_MAX = Duration.ofSeconds(15);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    private static final int LOG_TAIL_LINES = 25;
    private static final String GUARD = guardScript();

    private final String name;
    private final Service service;
    private final int grpcPort;
    private final int managementPort;
    private final Path log;
    private final Optional<Path> certificates;
    private final List<String> command;
    private @Nullable Process guard;
    private long pid;

    /**
     * @param name unique in its stack
     * @param certificates of the stack, where it has any
     * @param command runs the service
     */
    ServiceProcess(
            String name,
            Service service,
            int grpcPort,
            int managementPort,
            Path log,
            Optional<Path> certificates,
            List<String> command) {
        this.name = name;
        this.service = service;
        this.grpcPort = grpcPort;
        this.managementPort = managementPort;
        this.log = log;
        this.certificates = certificates;
        this.command = List.copyOf(command);
    }

    public String name() {
        return name;
    }

    public Service service() {
        return service;
    }

    /** Where its gRPC server listens, {@code host:port}. */
    public String address() {
        return Loopback.address(grpcPort);
    }

    /** Where its health and metrics are, {@code host:port}. */
    public String managementAddress() {
        return Loopback.address(managementPort);
    }

    public Path log() {
        return log;
    }

    /** The process id of the JVM, of the last one if it has ended. */
    public synchronized long pid() {
        return pid;
    }

    public synchronized boolean running() {
        return guard != null && guard.isAlive();
    }

    /** Starts the JVM and returns at once. Does nothing if it runs. */
    public synchronized void start() {
        if (running()) {
            return;
        }
        var words = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "guard:" + name, log.toString()));
        words.addAll(command);
        try {
            Process started = new ProcessBuilder(words)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            guard = started;
            pid = readPid(started);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    private static long readPid(Process guard) throws IOException {
        // The guard prints one line and then nothing; the stream is left open so that it never writes into the void.
        String line =
                new BufferedReader(new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (line == null) {
            throw new IOException("the guard ended before its service began");
        }
        return Long.parseLong(line);
    }

    /**
     * Waits until the service's own health says SERVING.
     *
     * @throws CommandFailure with the end of its log, if it ends, or takes too long
     */
    public void awaitServing(Duration max) throws InterruptedException {
        long deadline = System.nanoTime() + max.toNanos();
        try (var probe = new HealthProbe(address(), service, certificates)) {
            for (Health health; (health = probe.ask()) != Health.SERVING; Thread.sleep(POLL_INTERVAL)) {
                if (!running()) {
                    throw new CommandFailure(name + " ended while it started. The end of " + log + ":\n" + logTail());
                }
                if (System.nanoTime() > deadline) {
                    throw new CommandFailure("%s is %s after %d s. The end of %s:%n%s"
                            .formatted(name, health, max.toSeconds(), log, logTail()));
                }
            }
        }
    }

    /** Lets the service finish its calls and end; kills it if that takes too long. */
    public void stop() throws InterruptedException {
        Process ending = current();
        if (ending == null) {
            return;
        }
        signal("TERM");
        if (!ending.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    /** Ends the service on the spot, as a crash of the process does: {@code kill -9}. */
    public void kill() throws InterruptedException {
        Process ending = current();
        if (ending != null) {
            signal("KILL");
            ending.waitFor();
        }
    }

    /** Holds the service still, as a long pause of its JVM or its machine does. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    /** Kills the service if it runs, and starts it again at the same address. */
    public void restart() throws InterruptedException {
        kill();
        start();
    }

    private synchronized @Nullable Process current() {
        return running() ? guard : null;
    }

    private synchronized void signal(String signal) {
        if (guard == null || !guard.isAlive()) {
            return;
        }
        try {
            var leash = guard.getOutputStream();
            leash.write((signal + "\n").getBytes(StandardCharsets.US_ASCII));
            leash.flush();
        } catch (IOException broken) {
            // The guard itself was killed: its watcher takes the service down.
        }
    }

    /** The last lines of its log. */
    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    private static String guardScript() {
        try (InputStream script = ServiceProcess.class.getResourceAsStream("service-guard.sh")) {
            if (script == null) {
                throw new IllegalStateException("service-guard.sh is missing");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
