package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of this machine. */
public final class Loopback {
    static final String HOST = "127.0.0.1";

    private Loopback() {}

    static String address(int port) {
        return HOST + ":" + port;
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
