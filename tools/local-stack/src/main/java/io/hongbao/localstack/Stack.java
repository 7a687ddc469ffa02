package io.hongbao.localstack;

import io.hongbao.localstack.Arguments.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** All servers of one run. They start and stop side by side. */
final class Stack {
    private final StackFolder folder;
    private final List<Server> servers;

    private Stack(StackFolder folder, List<Server> servers) {
        this.folder = folder;
        this.servers = servers;
    }

    static Stack of(Arguments arguments, StackFolder folder) throws IOException, InterruptedException {
        var ports = new Ports();
        var account = Account.detect();
        var files = new NativeFiles(account);
        var servers = new ArrayList<Server>();
        if (arguments.kinds().contains(Kind.KAFKA)) {
            servers.add(new KafkaServer(folder, ports));
        }
        if (arguments.kinds().contains(Kind.PG)) {
            for (int i = 0; i < arguments.setCount(); i++) {
                servers.add(PostgresServer.ofSet("set-" + (char) ('a' + i), folder, files, account, ports));
            }
            servers.add(PostgresServer.core(folder, files, account, ports));
        }
        if (arguments.kinds().contains(Kind.REDIS)) {
            servers.add(new RedisServer(folder, files, ports));
        }
        return new Stack(folder, servers);
    }

    void start() throws IOException, InterruptedException {
        forEach(server -> {
            server.start();
            return server;
        });
    }

    void stop() throws IOException, InterruptedException {
        try {
            forEach(server -> {
                server.stop();
                return server;
            });
        } finally {
            folder.discardIfTemporary();
        }
    }

    /** {@code pg.set-a=PORT … pgpid.set-a=PID …}. */
    String describe() throws IOException, InterruptedException {
        var ports = new StringJoiner(" ");
        var pids = new StringJoiner(" ");
        for (var server : servers) {
            ports.add(server.name() + "=" + server.port());
            pids.add(pidName(server.name()) + "=" + server.pid());
        }
        return ports + " " + pids;
    }

    private static String pidName(String server) {
        return server.startsWith("pg.") ? "pgpid." + server.substring("pg.".length()) : server + "pid";
    }

    /** Carries out one line of standard input; returns the answer. */
    String command(String line) {
        var words = line.strip().split(" +");
        try {
            if (words.length == 2 && words[0].equals("start")) {
                var server = server(words[1]);
                server.start();
                return "OK " + pidName(server.name()) + "=" + server.pid();
            } else if (words.length == 2 && words[0].equals("stop")) {
                server(words[1]).stop();
                return "OK";
            } else if (words.length == 3 && words[0].equals("signal") && words[2].matches("[A-Z0-9]+")) {
                server(words[1]).signal(words[2]);
                return "OK";
            }
            return "ERROR commands are: start NAME, stop NAME, signal NAME SIGNAL";
        } catch (IOException | RuntimeException e) {
            return "ERROR " + String.valueOf(e.getMessage()).replace('\n', ' ');
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "ERROR interrupted";
        }
    }

    private Server server(String name) throws StackException {
        return servers.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StackException("There is no " + name + "."));
    }

    @FunctionalInterface
    private interface Act {
        Server on(Server server) throws IOException, InterruptedException;
    }

    /** Waits for all, then throws what the first one threw: nothing is left half done in the background. */
    private void forEach(Act act) throws IOException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Server>>();
            for (var server : servers) {
                calls.add(() -> act.on(server));
            }
            for (Future<Server> call : threads.invokeAll(calls)) {
                call.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }
}
