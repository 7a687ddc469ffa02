package io.hongbao.stackprocess;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Ports of 127.0.0.1 on which nobody listens now, for servers that are started later. They lie below 32768, where Linux
 * begins to take the ports of outgoing connections and of servers that ask for any port, so that none of those gets one
 * before its server binds it; and no port is handed out twice by one process.
 */
public final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int TRIES_MAX = 1_000;
    private static final Set<Integer> HANDED_OUT = new HashSet<>();

    private FreePorts() {}

    /** @throws IllegalStateException if none is found */
    public static int next() {
        synchronized (HANDED_OUT) {
            for (int i = 0; i < TRIES_MAX; i++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
                if (!HANDED_OUT.contains(port) && free(port)) {
                    HANDED_OUT.add(port);
                    return port;
                }
            }
        }
        throw new IllegalStateException("no free port between %d and %d".formatted(FIRST, LAST));
    }

    /** @return distinct ports */
    public static List<Integer> next(int count) {
        return Stream.generate(FreePorts::next).limit(count).toList();
    }

    private static boolean free(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
