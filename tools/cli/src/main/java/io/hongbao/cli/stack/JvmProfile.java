package io.hongbao.cli.stack;

import java.util.List;

/** How the services' JVMs run. */
public enum JvmProfile {
    /** Up in the shortest time with little memory, for demonstrations and tests: no figure is taken from these. */
    QUICK_START("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", "-Xmx256m"),
    /** As in production, for benchmarks and drills. */
    SERVER("-XX:+UseParallelGC", "-Xms512m", "-Xmx1g");

    private final List<String> flags;

    JvmProfile(String... flags) {
        this.flags = List.of(flags);
    }

    public List<String> flags() {
        return flags;
    }
}
