package io.hongbao.cli.up;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * How other commands have the process of {@code up} do what only it can do, since the servers are its own: a socket in the
 * stack's folder, one line in and one line out. The folder lets nobody else in.
 */
public final class UpDoor implements AutoCloseable {
    private static final String NAME = "up.sock";

    /** Carries out a line. @return the answer; an exception is told as one */
    @FunctionalInterface
    interface Servant {
        String carryOut(String line) throws IOException;
    }

    private final ServerSocketChannel door;

    private UpDoor(ServerSocketChannel door) {
        this.door = door;
    }

    /** Listens until it is closed, one caller after the other. */
    static UpDoor open(Path folder, Servant servant) throws IOException {
        ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        door.bind(UnixDomainSocketAddress.of(folder.resolve(NAME)));
        Thread.ofPlatform().daemon().name("door of up").start(() -> {
            while (door.isOpen()) {
                try (SocketChannel caller = door.accept()) {
                    serve(caller, servant);
                } catch (IOException gone) {
                    // Closed, or a caller who did not wait for his answer.
                }
            }
        });
        return new UpDoor(door);
    }

    private static void serve(SocketChannel caller, Servant servant) throws IOException {
        String line = line(caller);
        String answer;
        try {
            answer = "OK " + servant.carryOut(line);
        } catch (IOException | RuntimeException failure) {
            answer = "ERROR " + String.valueOf(failure.getMessage()).replace('\n', ' ');
        }
        say(caller, answer);
    }

    /** Where the door of a region is. @throws CommandFailure if no such stack is running */
    static Path of(ProjectHome home, Region region) {
        return StackState.alive(home).stream()
                .filter(state -> state.region() == region)
                .findFirst()
                .map(state -> Path.of(state.folder()))
                .orElseThrow(() -> new CommandFailure("no stack of the " + region.word() + " is running"));
    }

    /** @throws CommandFailure if the stack cannot do it */
    public static String ask(Path folder, String line) {
        try (var caller = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(NAME)))) {
            say(caller, line);
            String answer = line(caller);
            if (!answer.startsWith("OK ")) {
                throw new CommandFailure(answer.isEmpty() ? "the stack has ended" : answer);
            }
            return answer.substring("OK ".length());
        } catch (IOException e) {
            throw new CommandFailure("the running stack does not answer: " + e.getMessage(), e);
        }
    }

    private static void say(SocketChannel to, String line) throws IOException {
        Channels.newOutputStream(to).write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String line(SocketChannel from) throws IOException {
        String line = new BufferedReader(Channels.newReader(from, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
