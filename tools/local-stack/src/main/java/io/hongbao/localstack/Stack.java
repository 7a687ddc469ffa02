package io.hongbao.localstack;

import io.hongbao.localstack.Arguments.Kind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** All servers of one run. They start and stop side by side. */
final class Stack {
    private static final DateTimeFormatter RECOVERY_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    private final StackFolder folder;
    private final NativeFiles files;
    private final Account account;
    private final Ports ports;
    private final List<Server> servers;
    private final List<Pair> pairs;

    private Stack(
            StackFolder folder,
            NativeFiles files,
            Account account,
            Ports ports,
            List<Server> servers,
            List<Pair> pairs) {
        this.folder = folder;
        this.files = files;
        this.account = account;
        this.ports = ports;
        this.servers = new CopyOnWriteArrayList<>(servers);
        this.pairs = List.copyOf(pairs);
    }

    /** The two servers of one SET. */
    private record Pair(PostgresServer first, PostgresServer second) {
        void start() throws IOException, InterruptedException {
            if (!second.hasData()) {
                first.start();
                second.follow(first);
            } else if (second.standsBy()) {
                first.start();
                second.startBehind(first);
            } else if (first.standsBy()) {
                second.start();
                first.startBehind(second);
            } else if (second.timeline() > first.timeline()) {
                second.start();
                first.follow(second);
            } else {
                first.start();
                second.follow(first);
            }
        }
    }

    static Stack of(Arguments arguments, StackFolder folder) throws IOException, InterruptedException {
        var ports = new Ports();
        var account = Account.detect();
        var files = new NativeFiles(account);
        var servers = new ArrayList<Server>();
        var pairs = new ArrayList<Pair>();
        if (arguments.kinds().contains(Kind.KAFKA)) {
            servers.add(new KafkaServer(folder, ports));
        }
        if (arguments.kinds().contains(Kind.PG)) {
            var sets = new LinkedHashSet<String>();
            for (int i = 0; i < arguments.setCount(); i++) {
                sets.add("set-" + (char) ('a' + i));
            }
            // Those that joined an earlier run.
            sets.addAll(folder.sets());
            for (var set : sets) {
                var first = PostgresServer.ofSet(set, folder, files, account, ports);
                servers.add(first);
                var second = PostgresServer.secondOfSet(set, folder, files, account, ports);
                // One that is there may hold what the first has lost.
                if (arguments.standbys().contains(set) || second.hasData()) {
                    servers.add(second);
                    pairs.add(new Pair(first, second));
                }
            }
            servers.add(PostgresServer.core(folder, files, account, ports));
        }
        if (arguments.kinds().contains(Kind.REDIS)) {
            servers.add(new RedisServer(folder, files, ports));
        }
        return new Stack(folder, files, account, ports, servers, pairs);
    }

    void start() throws IOException, InterruptedException {
        var starts = new ArrayList<Act>();
        var paired = pairs.stream()
                .<Server>mapMulti((pair, each) -> {
                    each.accept(pair.first);
                    each.accept(pair.second);
                })
                .toList();
        servers.stream().filter(server -> !paired.contains(server)).forEach(server -> starts.add(server::start));
        pairs.forEach(pair -> starts.add(pair::start));
        inParallel(starts);
    }

    /** In the order in which they depend on each other: SETs first, the ledger and the lists, which follow them, after. */
    String restore(Arguments.Restore wanted) throws IOException, InterruptedException {
        var to = recoveryTime(wanted.to());
        var done = new StringJoiner(" ", "OK ", "");
        for (var server : servers) {
            if (server instanceof PostgresServer postgres
                    && (wanted.servers().isEmpty()
                            ? postgres.isIn(wanted.backup())
                            : wanted.servers().contains(server.name()))) {
                postgres.restore(wanted.backup(), to);
                done.add(server.name());
            }
        }
        return done.toString();
    }

    void stop() throws IOException, InterruptedException {
        try {
            inParallel(servers.stream().map(server -> (Act) server::stop).toList());
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
            switch (words[0] + " " + words.length) {
                case "start 2" -> {
                    server(words[1]).start();
                    return ok(server(words[1]));
                }
                case "stop 2" -> server(words[1]).stop();
                case "signal 3" -> {
                    if (!words[2].matches("[A-Z0-9]+")) {
                        throw new StackException("no signal is named " + words[2]);
                    }
                    server(words[1]).signal(words[2]);
                }
                case "add 2" -> {
                    return add(words[1]);
                }
                case "promote 2" -> postgres(words[1]).promote();
                case "follow 3" -> {
                    postgres(words[1]).follow(postgres(words[2]));
                    return ok(server(words[1]));
                }
                case "restore 4" -> {
                    postgres(words[1]).restore(words[2], recoveryTime(words[3]));
                    return ok(server(words[1]));
                }
                default -> throw new StackException("unknown command; they are told by --help");
            }
            return "OK";
        } catch (IOException | RuntimeException e) {
            return "ERROR " + String.valueOf(e.getMessage()).replace('\n', ' ');
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "ERROR interrupted";
        }
    }

    /** Starts a server for one more SET; one that is there already just runs. Returns its port and process. */
    private synchronized String add(String set) throws IOException, InterruptedException {
        if (!set.matches("[a-z][a-z0-9-]{0,39}") || set.equals("core")) {
            throw new StackException("a SET's name has small letters, digits and hyphens, unlike " + set);
        }
        var name = "pg." + set;
        if (servers.stream().noneMatch(server -> server.name().equals(name))) {
            var server = PostgresServer.ofSet(set, folder, files, account, ports);
            server.start();
            servers.add(server);
        } else {
            server(name).start();
        }
        return "OK " + name + "=" + server(name).port() + " " + pidName(name) + "="
                + server(name).pid();
    }

    /** PostgreSQL wants a space before the time of day, and an offset in figures. */
    private static Optional<String> recoveryTime(String word) throws StackException {
        if (word.equals("latest")) {
            return Optional.empty();
        }
        try {
            return Optional.of(RECOVERY_TIME.format(Instant.parse(word)));
        } catch (DateTimeException e) {
            throw new StackException("a time is 2026-11-24T03:00:23.595753Z or latest, not " + word);
        }
    }

    private static String ok(Server server) throws IOException, InterruptedException {
        return "OK " + pidName(server.name()) + "=" + server.pid();
    }

    private PostgresServer postgres(String name) throws StackException {
        if (server(name) instanceof PostgresServer postgres) {
            return postgres;
        }
        throw new StackException(name + " is no PostgreSQL server.");
    }

    private Server server(String name) throws StackException {
        return servers.stream()
                .filter(server -> server.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StackException("There is no " + name + "."));
    }

    @FunctionalInterface
    private interface Act {
        void run() throws IOException, InterruptedException;
    }

    /** Waits for all, then throws what the first one threw: nothing is left half done in the background. */
    private static void inParallel(List<Act> acts) throws IOException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (var act : acts) {
                calls.add(() -> {
                    act.run();
                    return true;
                });
            }
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                call.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }
}
