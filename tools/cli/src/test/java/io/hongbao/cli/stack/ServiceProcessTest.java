package io.hongbao.cli.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.CommandFailure;
import io.hongbao.stackprocess.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ServiceProcessTest {
    private static final List<String> SLEEPER = List.of("/bin/sh", "-c", "echo awake; exec sleep 300");

    @TempDir
    Path folder;

    @Test
    void shouldEndWhenItsStarterDies() throws Exception {
        // given a program that starts a service and is killed
        Path log = folder.resolve("service.log");
        Process starter = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starter.class.getName(),
                        log.toString())
                .start();
        long pid = Long.parseLong(starter.inputReader().readLine());
        assertTrue(isAlive(pid));

        // when
        starter.destroyForcibly().waitFor();

        // then
        ProcessHandle.of(pid)
                .ifPresent(service ->
                        service.onExit().orTimeout(15, TimeUnit.SECONDS).join());
        assertFalse(isAlive(pid));
    }

    @Test
    void shouldEndAPausedServiceWhenAsked() throws Exception {
        // given
        ServiceProcess process = process(SLEEPER);
        process.start();
        process.pause();

        // when
        process.kill();

        // then
        assertFalse(process.running());
        assertFalse(isAlive(process.pid()));
    }

    @Test
    void shouldStopInOrder() throws Exception {
        // given a service that says goodbye
        ServiceProcess process = process(
                List.of("/bin/sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
        process.start();
        while (!process.logTail().contains("up")) {
            Thread.onSpinWait();
        }

        // when
        process.stop();

        // then
        assertFalse(process.running());
        assertTrue(process.logTail().contains("bye"), process.logTail());
    }

    @Test
    void shouldStartAgainAsAnotherProcess() throws Exception {
        // given
        ServiceProcess process = process(SLEEPER);
        process.start();
        long first = process.pid();

        // when
        process.restart();

        // then
        assertTrue(process.running());
        assertFalse(isAlive(first));
        assertTrue(isAlive(process.pid()));
        process.kill();
    }

    @Test
    void shouldShowTheEndOfTheLogWhenAServiceDoesNotComeUp() throws Exception {
        // given
        ServiceProcess process = process(List.of("/bin/sh", "-c", "echo no such database; exit 3"));
        process.start();

        // when
        var failure = assertThrows(CommandFailure.class, () -> process.awaitServing(Duration.ofSeconds(20)));

        // then
        assertTrue(failure.getMessage().contains("no such database"), failure.getMessage());
        assertEquals(List.of("no such database"), Files.readAllLines(process.log()));
    }

    private ServiceProcess process(List<String> command) {
        int port = FreePorts.next();
        return new ServiceProcess(
                "test", Service.SEND, port, port, folder.resolve("service.log"), Optional.empty(), command);
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Starts a service, tells its process id, and waits to be killed. */
    static final class Starter {
        public static void main(String[] args) throws IOException {
            var process = new ServiceProcess("test", Service.SEND, 1, 1, Path.of(args[0]), Optional.empty(), SLEEPER);
            process.start();
            System.out.println(process.pid());
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
