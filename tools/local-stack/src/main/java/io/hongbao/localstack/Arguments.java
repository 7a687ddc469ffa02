package io.hongbao.localstack;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line says.
 *
 * @param data the folder to keep; empty for a temporary one
 * @param kinds which servers to start
 * @param setCount PostgreSQL servers for SETs, besides the core one: 1 to 26, as their names end in a letter
 */
record Arguments(Optional<Path> data, Set<Kind> kinds, int setCount) {
    static final String USAGE = """
            Starts PostgreSQL, Redis and Kafka on free ports of 127.0.0.1 and waits. They end with this program: at the end
            of its standard input, on Ctrl-C, and also when it is killed.

              java -jar hongbao-local-stack.jar [--data DIR] [--only pg,redis,kafka] [--sets N]

              --data DIR   keep the data in DIR and find it there next time; otherwise it is temporary
              --only LIST  start these servers only
              --sets N     PostgreSQL servers for SETs, named set-a, set-b, … (default 2)

            Once all run, one line of names and numbers: READY pg.set-a=PORT … pgpid.set-a=PID … ms=N
            Then it takes commands on standard input and answers each with a line, OK … or ERROR …:

              stop NAME           end pg.set-a, redis, kafka, … in good order
              start NAME          bring it back, with its data, at the same port
              signal NAME SIGNAL  send it KILL, STOP, CONT, …
            """;

    enum Kind {
        PG,
        REDIS,
        KAFKA
    }

    static Arguments parse(String... words) throws StackException {
        var data = Optional.<Path>empty();
        var kinds = EnumSet.allOf(Kind.class);
        int setCount = 2;
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
                default -> throw new StackException("Unknown: " + words[i] + "\n\n" + USAGE);
            }
        }
        return new Arguments(data, kinds, setCount);
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
