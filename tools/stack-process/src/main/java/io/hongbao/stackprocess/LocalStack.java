package io.hongbao.stackprocess;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Real servers for tests, drills and the demo: two or more PostgreSQL servers for SETs with the database {@code orders}, one
 * called {@code core} with {@code ledger}, {@code records} and {@code control}, one Redis, one Kafka.
 *
 * <p>They run in a process of their own and end with this object, with this JVM, and also if this JVM is killed.
 *
 * <pre>{@code
 * try (var stack = LocalStack.start(Options.all())) {
 *     connect(stack.jdbcUrl("set-a", "orders"), LocalStack.USER, LocalStack.PASSWORD);
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class LocalStack implements AutoCloseable {
    public static final String USER = "postgres";
    public static final String PASSWORD = "postgres";

    /** Names the program's jar for those who do not run inside the project's folder. */
    public static final String JAR_PROPERTY = "hongbao.local-stack.jar";

    /** The first start unpacks 60 MB; the next ones take two or three seconds. */
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    private static final String SECOND = "-2";
    private static final String JAR = "tools/local-stack/target/hongbao-local-stack.jar";
    private static final Map<Options, LocalStack> SHARED = new HashMap<>();

    private final Process process;
    private final BufferedReader answers;
    private final Path log;
    private final boolean logIsTemporary;
    private final Map<String, String> facts = new LinkedHashMap<>();

    /** The kinds of server there are. */
    public enum Server {
        PG,
        REDIS,
        KAFKA
    }

    /**
     * What to start.
     *
     * @param data a folder whose data is kept; empty for a temporary one
     * @param only the kinds of server wanted
     * @param setCount PostgreSQL servers for SETs, 1 to 26, besides the core one
     * @param standbys SETs that have a synchronous standby, {@code pg.set-a-2}
     */
    public record Options(Optional<Path> data, Set<Server> only, int setCount, Set<String> standbys) {
        public Options {
            standbys = Set.copyOf(standbys);
            only = Set.copyOf(only);
            if (only.isEmpty()) {
                throw new IllegalArgumentException("a stack without a server");
            }
            if (setCount < 1 || setCount > 26) {
                throw new IllegalArgumentException("setCount must be 1 to 26, is " + setCount);
            }
        }

        /** Without standbys. */
        public Options(Optional<Path> data, Set<Server> only, int setCount) {
            this(data, only, setCount, Set.of());
        }

        /** Everything, in a temporary folder, with the SETs {@code set-a} and {@code set-b}. */
        public static Options all() {
            return only(Server.PG, Server.REDIS, Server.KAFKA);
        }

        /** The given kinds only, otherwise like {@link #all()}. */
        public static Options only(Server first, Server... rest) {
            return new Options(Optional.empty(), EnumSet.of(first, rest), 2);
        }
    }

    private LocalStack(Process process, Path log, boolean logIsTemporary) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.log = log;
        this.logIsTemporary = logIsTemporary;
    }

    /**
     * Starts the servers and returns when all of them answer.
     *
     * @throws IOException if they do not start; the message ends with what the program said
     */
    public static LocalStack start(Options options) throws IOException {
        var words = program();
        options.data().ifPresent(folder -> words.addAll(List.of("--data", folder.toString())));
        words.addAll(List.of(
                "--only",
                options.only().stream()
                        .map(server -> server.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(","))));
        words.addAll(List.of("--sets", Integer.toString(options.setCount())));
        if (!options.standbys().isEmpty()) {
            words.addAll(List.of("--standbys", String.join(",", options.standbys())));
        }

        Path log;
        if (options.data().isPresent()) {
            log = Files.createDirectories(options.data().get().resolve("logs")).resolve("local-stack.log");
        } else {
            log = Files.createTempFile("hongbao-stack-process-", ".log");
        }
        var builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        var stack = new LocalStack(builder.start(), log, options.data().isEmpty());
        try {
            stack.awaitReady();
            return stack;
        } catch (IOException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /**
     * One stack for everybody in this JVM who asks for the same options; it ends with the JVM. Tests that share it must not
     * mind each other's data, and must leave its servers running.
     */
    public static LocalStack shared(Options options) {
        synchronized (SHARED) {
            var stack = SHARED.get(options);
            if (stack == null) {
                try {
                    stack = start(options);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                // Its standard input closes with this JVM in any case; the hook makes the JVM wait for the clean end.
                Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "end of the local stack"));
                SHARED.put(options, stack);
            }
            return stack;
        }
    }

    /**
     * Copies every PostgreSQL server that runs on a kept folder to {@code backups/NAME} in it, while they work.
     *
     * @return what the program says: each server and its copy
     */
    public static String backup(Path data, String name) throws IOException, InterruptedException {
        return run("--data", data.toString(), "--backup", name);
    }

    /**
     * Brings a backup back into a folder in which nothing runs, and replays the archived WAL. What was there is put aside.
     *
     * @param to up to this moment; empty for all that there is
     * @param servers {@code pg.set-a}, …; empty for all
     * @return what the program says: the servers that were restored
     */
    public static String restore(Path data, String name, Optional<Instant> to, List<String> servers)
            throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(
                "--data",
                data.toString(),
                "--restore",
                name,
                "--to",
                to.map(Instant::toString).orElse("latest")));
        if (!servers.isEmpty()) {
            words.addAll(List.of("--servers", String.join(",", servers)));
        }
        return run(words.toArray(String[]::new));
    }

    private static String run(String... arguments) throws IOException, InterruptedException {
        var words = program();
        words.addAll(List.of(arguments));
        var complaints = Files.createTempFile("hongbao-stack-process-", ".log");
        try {
            var process =
                    new ProcessBuilder(words).redirectError(complaints.toFile()).start();
            process.getOutputStream().close();
            var answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IOException(Files.readString(complaints).strip());
            }
            return answer.substring(answer.lastIndexOf("OK ") + "OK ".length());
        } finally {
            Files.delete(complaints);
        }
    }

    private static List<String> program() throws IOException {
        var jar = jar();
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                // It lives for seconds and does little: the second compiler would never pay for itself.
                "-XX:TieredStopAtLevel=1",
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + sharedArchive(jar),
                // A JVM writes its warnings to standard output, which is ours to read.
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                // Kafka unmaps its files that way.
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                jar.toString()));
    }

    private static Path jar() throws IOException {
        var named = System.getProperty(JAR_PROPERTY);
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            var jar = folder.resolve(JAR);
            if (Files.isRegularFile(jar)) {
                return jar;
            }
        }
        throw new IOException("There is no " + JAR + " here or in a folder above. Build it:"
                + " ./mvnw -q -Dquick -pl tools/local-stack package");
    }

    /** Named after its jar's age: the JVM does not replace an archive that was made from other jars. */
    private static Path sharedArchive(Path jar) throws IOException {
        var name = "hongbao-local-stack-" + Files.getLastModifiedTime(jar).toMillis() + ".jsa";
        var beside = jar.resolveSibling("");
        return (Files.isWritable(beside) ? beside : Path.of(System.getProperty("java.io.tmpdir"))).resolve(name);
    }

    private void awaitReady() throws IOException {
        for (String line; (line = answers.readLine()) != null; ) {
            if (line.startsWith("READY ")) {
                learn(line.substring("READY ".length()));
                return;
            }
        }
        throw new IOException("The local stack did not start:\n" + Files.readString(log));
    }

    private void learn(String words) {
        for (var word : words.split(" ")) {
            int equals = word.indexOf('=');
            facts.put(word.substring(0, equals), word.substring(equals + 1));
        }
    }

    /** For the services: {@code postgresql://127.0.0.1:PORT/orders}, with both hosts if the SET has a standby. */
    public String pgUrl(String server, String database) {
        return "postgresql://" + hosts(server) + "/" + database;
    }

    /** {@code jdbc:postgresql://127.0.0.1:PORT/orders}; of two hosts, the one that is no standby. */
    public String jdbcUrl(String server, String database) {
        return "jdbc:" + pgUrl(server, database) + (hasSecond(server) ? "?targetServerType=primary" : "");
    }

    private String hosts(String server) {
        var first = "127.0.0.1:" + port("pg." + server);
        return hasSecond(server) ? first + ",127.0.0.1:" + port("pg." + server + SECOND) : first;
    }

    private synchronized boolean hasSecond(String server) {
        return facts.containsKey("pg." + server + SECOND);
    }

    /** {@code redis://127.0.0.1:PORT}. */
    public String redisUrl() {
        return "redis://127.0.0.1:" + port("redis");
    }

    /** {@code 127.0.0.1:PORT}. */
    public String kafkaBootstrap() {
        return "127.0.0.1:" + port("kafka");
    }

    /** The port of {@code pg.set-a}, {@code pg.core}, {@code redis}, {@code kafka}. It stays the same over a stop and a start. */
    public int port(String server) {
        return Integer.parseInt(fact(server, server));
    }

    /** The process of a server, by the same names. Kafka's is the stack's own JVM: to kill that one ends all servers. */
    public long pid(String server) {
        var key = server.startsWith("pg.") ? "pgpid." + server.substring("pg.".length()) : server + "pid";
        return Long.parseLong(fact(key, server));
    }

    private synchronized String fact(String key, String server) {
        var fact = facts.get(key);
        if (fact == null) {
            throw new IllegalArgumentException("There is no " + server + " in this stack: " + facts.keySet());
        }
        return fact;
    }

    /** Ends one server in good order, for a drill. */
    public void stop(String server) throws IOException {
        command("stop " + server);
    }

    /** Brings back a server that was stopped or killed, with its data, at its port; returns when it answers. */
    public void restart(String server) throws IOException {
        command("start " + server);
    }

    /**
     * Sends a signal to PostgreSQL or Redis: {@code KILL} for a crash, {@code STOP} and {@code CONT} for a pause. These three
     * reach all of the server's processes; after {@code KILL} they are gone when this returns.
     */
    public void signal(String server, String signal) throws IOException {
        command("signal " + server + " " + signal);
    }

    /** Starts a server for one more SET, named {@code pg.} and the SET's name; one that is there just runs. */
    public void add(String set) throws IOException {
        command("add " + set);
    }

    /** Every PostgreSQL server there is: {@code pg.core}, {@code pg.set-a}, … */
    public synchronized List<String> postgres() {
        return facts.keySet().stream().filter(name -> name.startsWith("pg.")).toList();
    }

    /** Makes a standby the primary of its SET: {@code promote("pg.set-a-2")}. The old primary should be dead. */
    public void promote(String server) throws IOException {
        command("promote " + server);
    }

    /**
     * Throws away what a server holds and makes it the synchronous standby of another: what becomes of an old primary, and
     * how a new standby is made.
     */
    public void follow(String server, String primary) throws IOException {
        command("follow " + server + " " + primary);
    }

    /**
     * Brings a server of a kept folder back from a backup, and replays its archived WAL.
     *
     * @param to up to this moment; empty for all that there is
     */
    public void restore(String server, String backup, Optional<Instant> to) throws IOException {
        command("restore " + server + " " + backup + " "
                + to.map(Instant::toString).orElse("latest"));
    }

    private synchronized void command(String words) throws IOException {
        process.getOutputStream().write((words + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        var answer = answers.readLine();
        if (answer == null || !answer.startsWith("OK")) {
            throw new IOException(words + ": " + (answer == null ? "the local stack has ended" : answer));
        }
        if (answer.length() > "OK ".length()) {
            learn(answer.substring("OK ".length()));
        }
    }

    /** Ends all servers, and removes their data unless a folder was given for it. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (!process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            if (logIsTemporary) {
                Files.deleteIfExists(log);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
