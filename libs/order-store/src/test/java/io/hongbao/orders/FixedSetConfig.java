package io.hongbao.orders;

import java.time.Duration;
import java.util.Optional;

/** A SET of a test's own, with time limits that a busy machine keeps. */
record FixedSetConfig(String url) implements SetsConfig.SetConfig {
    @Override
    public String range() {
        return "00-49";
    }

    @Override
    public Optional<String> active() {
        return Optional.of("00-01");
    }

    @Override
    public String username() {
        return "postgres";
    }

    @Override
    public Optional<String> password() {
        return Optional.of("postgres");
    }

    @Override
    public int poolSize() {
        return 4;
    }

    @Override
    public Duration statementTimeout() {
        return Duration.ofSeconds(10);
    }

    @Override
    public Duration connectTimeout() {
        return Duration.ofSeconds(2);
    }
}
