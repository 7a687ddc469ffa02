package io.hongbao.localstack;

import java.io.IOException;

/**
 * One server of the stack. It keeps its port and its data over a stop and a start, so that a drill can take it away and
 * bring it back.
 */
sealed interface Server permits PostgresServer, RedisServer, KafkaServer {
    /** {@code pg.set-a}, {@code redis}, {@code kafka}. */
    String name();

    /** Returns when clients can use it. Does nothing to a running server. */
    void start() throws IOException, InterruptedException;

    /** Ends it in good order; returns when it has ended. Does nothing to a server that does not run. */
    void stop() throws IOException, InterruptedException;

    /**
     * Sends a signal by its name without SIG. KILL, STOP and CONT reach all processes of the server, and after KILL they are
     * gone when this returns; another one reaches the first process, which knows what to do.
     */
    void signal(String signal) throws IOException, InterruptedException;

    int port();

    long pid() throws IOException, InterruptedException;
}
