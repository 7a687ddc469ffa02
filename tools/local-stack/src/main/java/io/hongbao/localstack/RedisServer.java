package io.hongbao.localstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Redis server with an append-only file, synced every second: what the grab path is given in production. */
final class RedisServer implements Server {
    private static final Duration START_MAX = Duration.ofMinutes(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
    private static final int PORT_TRIES_MAX = 5;

    private final StackFolder folder;
    private final NativeFiles files;
    private final Ports ports;
    private int port;
    private @Nullable GuardedProcess process;

    RedisServer(StackFolder folder, NativeFiles files, Ports ports) {
        this.folder = folder;
        this.files = files;
        this.ports = ports;
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public synchronized long pid() throws IOException, InterruptedException {
        return running().pid();
    }

    @Override
    public synchronized void start() throws IOException, InterruptedException {
        if (process != null && process.running()) {
            return;
        }
        if (process != null) {
            process.dismiss();
        }
        folder.awaitPredecessor(name());
        Files.createDirectories(folder.data(name()));
        boolean portIsKnown = port != 0;
        for (int tries = 1; ; tries++) {
            if (!portIsKnown) {
                port = ports.next();
            }
            process = GuardedProcess.start(folder, name(), "KILL", command());
            if (awaitReady(process)) {
                return;
            }
            process.dismiss();
            var log = folder.logTail(name());
            if (portIsKnown || tries == PORT_TRIES_MAX || !log.contains("Address already in use")) {
                throw new StackException("redis did not start:\n" + log);
            }
        }
    }

    private List<String> command() throws IOException, InterruptedException {
        var words = new ArrayList<>(Account.parentDeathSignal());
        words.add(files.redis().toString());
        words.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port)));
        words.addAll(List.of("--dir", folder.data(name()).toString()));
        words.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""));
        return words;
    }

    private boolean awaitReady(GuardedProcess started) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + START_MAX.toNanos();
        while (started.running()) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(1_000);
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                // While it loads its file it answers with an error that begins with a minus sign.
                if (socket.getInputStream().read() == '+') {
                    // Whoever answered may not be ours: ours ends when it finds its port taken.
                    return started.running();
                }
            } catch (IOException e) {
                // Not yet.
            }
            if (System.nanoTime() > deadline) {
                throw new StackException(
                        "redis was not ready after " + START_MAX.toSeconds() + " s:\n" + folder.logTail(name()));
            }
            Thread.sleep(POLL_INTERVAL);
        }
        return false;
    }

    @Override
    public synchronized void stop() throws IOException, InterruptedException {
        if (process != null) {
            process.stop(folder.kept() ? "TERM" : "KILL", STOP_MAX);
            process = null;
        }
    }

    @Override
    public synchronized void signal(String signal) throws IOException, InterruptedException {
        switch (signal) {
            case "KILL", "STOP", "CONT" -> running().signalAll(signal, STOP_MAX);
            default -> running().signal(signal);
        }
    }

    private GuardedProcess running() throws StackException {
        if (process == null) {
            throw new StackException("redis is not running.");
        }
        return process;
    }
}
