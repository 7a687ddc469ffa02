package io.hongbao.orders;

import io.hongbao.orders.SetsConfig.SetConfig;
import java.time.Duration;
import java.util.Optional;

/** A SET that is not in the configuration: an address of its own, all else as for one that is. */
record AddedSetConfig(String url, SetConfig like) implements SetConfig {
    /** Control data tells what it serves. */
    @Override
    public String range() {
        return "";
    }

    @Override
    public Optional<String> active() {
        return Optional.empty();
    }

    @Override
    public String username() {
        return like.username();
    }

    @Override
    public Optional<String> password() {
        return like.password();
    }

    @Override
    public int poolSize() {
        return like.poolSize();
    }

    @Override
    public Duration statementTimeout() {
        return like.statementTimeout();
    }

    @Override
    public Duration connectTimeout() {
        return like.connectTimeout();
    }
}
