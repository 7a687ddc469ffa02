package io.hongbao.cli.bench.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/**
 * What the machine is like right before a measurement, without our doing.
 *
 * @param load one-minute load average
 * @param stealShare processor time the host kept from us, 0 to 1
 * @param busyShare processor time in use by anybody, 0 to 1
 * @param fsyncsPerSecond durable writes of one page that a single writer gets done
 */
public record Weather(double load, double stealShare, double busyShare, double fsyncsPerSecond) {
    private static final Duration FSYNC_TIME = Duration.ofMillis(200);
    private static final int PAGE_BYTES = 8_192;

    /** Takes 200 ms. @param folder on the disk that the database writes to */
    public static Weather look(Path folder) throws IOException {
        double load =
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        ProcessTimes before = ProcessTimes.read(Map.of());
        double fsyncs = fsyncsPerSecond(folder);
        ProcessTimes.Machine spent = ProcessTimes.read(Map.of()).minus(before).machine();
        return new Weather(
                load, spent.stealShare(), spent.busyMicros() / (double) Math.max(1, spent.allMicros()), fsyncs);
    }

    private static double fsyncsPerSecond(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "fsync-", ".probe");
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var page = ByteBuffer.allocateDirect(PAGE_BYTES);
            long beginNanos = System.nanoTime();
            long count = 0;
            long nanos;
            do {
                page.clear();
                // The same place again, as in a WAL segment that is reused: no new blocks to account for.
                channel.write(page, 0);
                channel.force(false);
                count++;
                nanos = System.nanoTime() - beginNanos;
            } while (nanos < FSYNC_TIME.toNanos());
            return count / (nanos / 1e9);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public String toString() {
        return "load %.2f, busy %.0f %%, steal %.1f %%, %.0f fsyncs/s"
                .formatted(load, 100 * busyShare, 100 * stealShare, fsyncsPerSecond);
    }
}
