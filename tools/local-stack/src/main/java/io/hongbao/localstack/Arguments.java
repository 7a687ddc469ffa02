package io.hongbao.localstack;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line says.
 *
 * @param data the folder to keep; empty for a temporary one
 * @param kinds which servers to start
 * @param setCount PostgreSQL servers for SETs, besides the core one: 1 to 26, as their names end in a letter
 * @param backup start nothing; back up what runs in the folder, under this name
 * @param restore start nothing; bring a backup back into the folder
 * @param standbys SETs that have a second server, the synchronous standby of the first
 */
record Arguments(
        Optional<Path> data,
        Set<Kind> kinds,
        int setCount,
        Set<String> standbys,
        Optional<String> backup,
        Optional<Restore> restore) {
    static final String USAGE = """
            Starts PostgreSQL, Redis and Kafka on free ports of 127.0.0.1 and waits. They end with this program: at the end
            of its standard input, on Ctrl-C, and also when it is killed.

              java -jar hongbao-local-stack.jar [--data DIR] [--only pg,redis,kafka] [--sets N]
                                               [--standbys set-a,…]

              --data DIR   keep the data in DIR and find it there next time; otherwise it is temporary
              --only LIST  start these servers only
              --sets N     PostgreSQL servers for SETs, named set-a, set-b, … (default 2)
              --standbys LIST  give these SETs a synchronous standby, named set-a-2, …

            Servers of a kept folder archive their WAL in DIR/archive.

              java -jar hongbao-local-stack.jar --data DIR --backup NAME

            copies the PostgreSQL servers that run in DIR to DIR/backups/NAME, and starts nothing.

              java -jar hongbao-local-stack.jar --data DIR --restore NAME --to TIME [--servers pg.set-a,…]

            brings that copy back, when nothing runs in DIR, and replays DIR/archive up to TIME, for instance
            2026-11-24T03:00:23.595753Z, or to its end: latest. What was there is put aside.

            Once all run, one line of names and numbers: READY pg.set-a=PORT … pgpid.set-a=PID … ms=N
            Then it takes commands on standard input and answers each with a line, OK … or ERROR …:

              stop NAME           end pg.set-a, redis, kafka, … in good order
              start NAME          bring it back, with its data, at the same port
              signal NAME SIGNAL  send it KILL, STOP, CONT, …
              add SET             start a server for one more SET, pg.SET
              promote NAME        make a standby the primary, which waits for no standby
              restore NAME BACKUP TIME  the same for one server of a running stack
              follow NAME OF      throw away NAME's data and make it the synchronous standby of OF
            """;

    /** @param servers empty for all in the backup */
    record Restore(String backup, String to, List<String> servers) {}

    enum Kind {
        PG,
        REDIS,
        KAFKA
    }

    static Arguments parse(String... words) throws StackException {
        var data = Optional.<Path>empty();
        var kinds = EnumSet.allOf(Kind.class);
        int setCount = 2;
        Set<String> standbys = Set.of();
        var backup = Optional.<String>empty();
        var restore = Optional.<String>empty();
        var to = "";
        var servers = List.<String>of();
        for (int i = 0; i < words.length; i += 2) {
            if (i + 1 == words.length) {
                throw new StackException(words[i] + " needs a value, or is unknown.\n\n" + USAGE);
            }
            var value = words[i + 1];
            switch (words[i]) {
                case "--data" -> data = Optional.of(Path.of(value));
                case "--only" -> {
                    kinds.clear();
                    for (var kind : value.split(",")) {
                        kinds.add(kind(kind));
                    }
                }
                case "--sets" -> setCount = setCount(value);
                case "--standbys" -> standbys = Set.of(value.split(","));
                case "--restore" -> restore = Optional.of(name(value));
                case "--to" -> to = value;
                case "--servers" -> servers = List.of(value.split(","));
                case "--backup" -> backup = Optional.of(name(value));
                default -> throw new StackException("Unknown: " + words[i] + "\n\n" + USAGE);
            }
        }
        if ((backup.isPresent() || restore.isPresent()) && data.isEmpty()) {
            throw new StackException("--backup and --restore need --data.");
        }
        if (restore.isPresent() == to.isEmpty()) {
            throw new StackException("--restore and --to belong together.");
        }
        var wanted =
                restore.isPresent() ? Optional.of(new Restore(restore.get(), to, servers)) : Optional.<Restore>empty();
        return new Arguments(data, kinds, setCount, standbys, backup, wanted);
    }

    /** A backup's name is a folder's. */
    private static String name(String word) throws StackException {
        if (!word.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
            throw new StackException("a backup's name has letters, digits, dots and hyphens, unlike " + word + ".");
        }
        return word;
    }

    private static Kind kind(String word) throws StackException {
        return switch (word) {
            case "pg" -> Kind.PG;
            case "redis" -> Kind.REDIS;
            case "kafka" -> Kind.KAFKA;
            default -> throw new StackException("--only knows pg, redis and kafka, not " + word + ".");
        };
    }

    private static int setCount(String word) throws StackException {
        if (!word.matches("[0-9]{1,2}") || Integer.parseInt(word) < 1 || Integer.parseInt(word) > 26) {
            throw new StackException("--sets takes a number from 1 to 26, not " + word + ".");
        }
        return Integer.parseInt(word);
    }
}
