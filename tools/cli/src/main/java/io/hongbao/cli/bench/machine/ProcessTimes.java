package io.hongbao.cli.bench.machine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * CPU time of processes and of the machine, from Linux's {@code /proc}.
 *
 * @param microsByProcess user and system time by name
 * @param machine of all processors together
 */
public record ProcessTimes(Map<String, Long> microsByProcess, Machine machine) {
    /** Linux counts in hundredths of a second whatever the kernel's own clock does. */
    private static final long TICK_MICROS = 10_000;

    private static final Path PROC = Path.of("/proc");

    /** Names of {@code /proc/[pid]/stat} fields after the command, which may contain anything. */
    private static final int PARENT = 1;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int CHILD_USER_TICKS = 13;
    private static final int CHILD_SYSTEM_TICKS = 14;

    /**
     * Processor time of the machine.
     *
     * @param busyMicros spent on anybody's work
     * @param stealMicros when there was work and the host ran somebody else's
     * @param allMicros all there was, idle or not
     */
    public record Machine(long busyMicros, long stealMicros, long allMicros) {
        static Machine read() throws IOException {
            String[] words = Files.readAllLines(PROC.resolve("stat")).getFirst().split(" +");
            long all = 0;
            // cpu user nice system idle iowait irq softirq steal; guest times are in user already.
            for (int i = 1; i <= 8; i++) {
                all += Long.parseLong(words[i]);
            }
            long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
            long steal = Long.parseLong(words[8]);
            return new Machine((all - idle - steal) * TICK_MICROS, steal * TICK_MICROS, all * TICK_MICROS);
        }

        Machine minus(Machine earlier) {
            return new Machine(
                    busyMicros - earlier.busyMicros, stealMicros - earlier.stealMicros, allMicros - earlier.allMicros);
        }

        /** 0 to 1. */
        public double stealShare() {
            return allMicros == 0 ? 0 : (double) stealMicros / allMicros;
        }
    }

    /** @param pids by name; the time of a process includes that of its children, living and dead */
    public static ProcessTimes read(Map<String, Long> pids) throws IOException {
        var ticksByRoot = new HashMap<Long, Long>();
        pids.values().forEach(pid -> ticksByRoot.put(pid, 0L));
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                String stat;
                try {
                    stat = Files.readString(process.resolve("stat"));
                } catch (IOException ended) {
                    continue;
                }
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                long pid = Long.parseLong(process.getFileName().toString());
                long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
                if (ticksByRoot.containsKey(pid)) {
                    long dead = Long.parseLong(fields[CHILD_USER_TICKS]) + Long.parseLong(fields[CHILD_SYSTEM_TICKS]);
                    ticksByRoot.merge(pid, ticks + dead, Long::sum);
                } else {
                    ticksByRoot.computeIfPresent(Long.parseLong(fields[PARENT]), (root, sum) -> sum + ticks);
                }
            }
        }
        var micros = new LinkedHashMap<String, Long>();
        pids.forEach((name, pid) -> micros.put(name, ticksByRoot.getOrDefault(pid, 0L) * TICK_MICROS));
        return new ProcessTimes(micros, Machine.read());
    }

    public ProcessTimes minus(ProcessTimes earlier) {
        var micros = new LinkedHashMap<String, Long>();
        microsByProcess.forEach((name, now) -> micros.put(name, now - earlier.microsByProcess.getOrDefault(name, 0L)));
        return new ProcessTimes(micros, machine.minus(earlier.machine));
    }

    public long sumMicros() {
        return microsByProcess.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Share of all processor time that went to processes other than these, 0 to 1: what others did meanwhile. */
    public double foreignShare() {
        return machine.allMicros == 0 ? 0 : Math.max(0, machine.busyMicros - sumMicros()) / (double) machine.allMicros;
    }
}
