package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Ports of this machine. */
public final class Loopback {
    static final String HOST = "127.0.0.1";

    private Loopback() {}

    static String address(int port) {
        return HOST + ":" + port;
    }

    /** Distinct ports that nobody has now. Somebody may take one before it is used, which the user will then notice. */
    public static List<Integer> freePorts(int count) {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        } finally {
            for (ServerSocket socket : sockets) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // The port stays taken; whoever needs it will say so.
                }
            }
        }
    }

    /** @throws CommandFailure if somebody listens there */
    static void requireFree(int port, String purpose) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(HOST, port));
        } catch (IOException taken) {
            throw new CommandFailure("port " + port + ", wanted for " + purpose
                    + ", is taken. End the program that has it, or choose other ports with --port-base.");
        }
    }
}
