package io.hongbao.localstack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A native server that cannot outlive this JVM. Between the two stands a shell, {@code guard.sh}, which takes the server
 * down when its pipe from the JVM closes; should the guard be killed instead, the JVM takes the server down.
 */
final class GuardedProcess {
    /** A program's start takes milliseconds; a minute means that the machine is stuck. */
    private static final Duration PID_WAIT_MAX = Duration.ofMinutes(1);

    private static final String GUARD = Resources.text("guard.sh");

    private final Process guard;
    private final CompletableFuture<Long> pid = new CompletableFuture<>();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    private GuardedProcess(Process guard) {
        this.guard = guard;
        // A read from a pipe holds its carrier thread, and a small machine has no more carriers than this has servers.
        Thread.ofPlatform().name("guard-listener").daemon().start(this::listen);
    }

    /**
     * Starts {@code command}.
     *
     * @param lastSignal the signal that ends the server when this JVM has died
     */
    static GuardedProcess start(StackFolder folder, String name, String lastSignal, List<String> command)
            throws IOException {
        var words = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "guard:" + name));
        words.add(folder.pidFile(name).toString());
        words.add(folder.log(name).toString());
        words.add(folder.scratch().map(Path::toString).orElse(""));
        words.add(lastSignal);
        words.addAll(command);
        var builder = new ProcessBuilder(words);
        // A server's messages are read by programs (this one looks for "Address already in use") and by people alike.
        builder.environment().put("LC_ALL", "C");
        return new GuardedProcess(
                builder.redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }

    private void listen() {
        try (var lines = new BufferedReader(new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (line.startsWith("pid ")) {
                    pid.complete(Long.parseLong(line.substring("pid ".length())));
                } else if (line.startsWith("exit ")) {
                    exit.complete(Integer.parseInt(line.substring("exit ".length())));
                }
            }
        } catch (IOException e) {
            // The pipe broke: the same as its end.
        }
        pid.completeExceptionally(new IOException("the guard ended before its server began"));
        if (!exit.isDone()) {
            pid.thenAccept(id -> ProcessHandle.of(id).ifPresent(ProcessHandle::destroyForcibly));
            exit.complete(-1);
        }
    }

    long pid() throws IOException, InterruptedException {
        try {
            return pid.get(PID_WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no server process appeared", e);
        }
    }

    boolean running() {
        return !exit.isDone();
    }

    /** Sends a signal by its name without SIG; nothing happens if the server has ended. */
    void signal(String signal) throws IOException {
        if (running()) {
            say(signal);
        }
    }

    /**
     * Sends KILL, STOP or CONT to the server and to the processes it has made, and returns when the killed ones are gone:
     * a PostgreSQL whose first process alone is hit goes on answering those who are connected.
     */
    void signalAll(String signal, Duration timeout) throws IOException, InterruptedException {
        if (!running()) {
            return;
        }
        var server = ProcessHandle.of(pid());
        if (server.isEmpty()) {
            return;
        }
        if (!signal.equals("CONT")) {
            kill("STOP", server.stream()); // It makes no more processes while they are being counted.
        }
        var all = Stream.concat(server.stream(), server.get().descendants()).toList();
        kill(signal, all.stream());
        if (signal.equals("KILL")) {
            awaitExit(timeout);
            for (var process : all) {
                try {
                    process.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    throw new IOException("process " + process.pid() + " survives SIGKILL", e);
                }
            }
        }
    }

    private static void kill(String signal, Stream<ProcessHandle> processes) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$@\"", "kill", signal));
        processes.forEach(process -> words.add(Long.toString(process.pid())));
        // One that ended by itself in the meantime is no failure.
        new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Waits for the server's end; false if it still runs after {@code timeout}. */
    boolean awaitExit(Duration timeout) throws InterruptedException {
        try {
            exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("completed with a value only", e);
        }
    }

    /** Ends a server: {@code signal} first, SIGKILL if that has not worked within {@code patience}. */
    void stop(String signal, Duration patience) throws IOException, InterruptedException {
        signalAll("CONT", patience); // A drill may have paused it.
        signal(signal);
        if (!awaitExit(patience)) {
            signalAll("KILL", patience);
        }
        dismiss();
    }

    /** Lets the guard of an ended server go. */
    void dismiss() throws InterruptedException {
        try {
            say("end");
        } catch (IOException e) {
            // It has gone already.
        }
        guard.waitFor();
    }

    private void say(String word) throws IOException {
        var stdin = guard.getOutputStream();
        synchronized (stdin) {
            stdin.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
            stdin.flush();
        }
    }
}
