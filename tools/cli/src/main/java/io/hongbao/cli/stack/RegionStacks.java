package io.hongbao.cli.stack;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * North alone, or north and south: two complete stacks, each with its own SETs, Redis, Kafka, core stores and services.
 * They share two things: the database of the user records, which is the north's, and the secret of page tokens, so that
 * a list begun in one region goes on in the other. Nothing else connects them.
 */
public final class RegionStacks implements AutoCloseable {
    private static final String PAGE_TOKEN_SECRET = "hongbao.page-token.secret";
    private static final int SECRET_BYTES = 32;

    private final Map<Region, RunningStack> stacks = new EnumMap<>(Region.class);

    private RegionStacks() {}

    /** One stack as the options say, which is the north. */
    public static RegionStacks one(StackOptions options, Consumer<String> progress)
            throws IOException, InterruptedException {
        var started = new RegionStacks();
        started.stacks.put(Region.NORTH, RunningStack.start(options, progress));
        return started;
    }

    /**
     * Both regions, one after the other: two cores start one stack no slower than two at once.
     *
     * @param options of each; data is kept in a folder for each region, and the ports of the south are ten higher
     */
    public static RegionStacks both(StackOptions options, Consumer<String> progress)
            throws IOException, InterruptedException {
        StackOptions shared = options.with(PAGE_TOKEN_SECRET, secret());
        var started = new RegionStacks();
        try {
            for (Region region : Region.values()) {
                StackOptions own = started.optionsOf(region, shared);
                started.stacks.put(
                        region, RunningStack.start(own, line -> progress.accept(region.word() + ": " + line)));
            }
            return started;
        } catch (IOException | RuntimeException | InterruptedException e) {
            started.close();
            throw e;
        }
    }

    private StackOptions optionsOf(Region region, StackOptions shared) {
        StackOptions own = shared.with("hongbao.region", Integer.toString(region.digit()));
        if (shared.data().isPresent()) {
            own = own.withData(shared.data().get().resolve(region.word()));
        }
        if (shared.portBase().isPresent()) {
            own = own.withPortBase(region.portBase(shared.portBase().getAsInt()));
        }
        if (region != Region.RECORDS_HOME) {
            own = own.with(
                    Service.QUERY, "quarkus.datasource.reactive.url", records().pgUrl());
        }
        return own;
    }

    private static String secret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }

    /** The user records of all regions. */
    private Database records() {
        return of(Region.RECORDS_HOME).stores().records();
    }

    /** @throws NullPointerException if the region was not started */
    public RunningStack of(Region region) {
        return Objects.requireNonNull(stacks.get(region), region::word);
    }

    /** In their order. */
    public List<Region> regions() {
        return List.copyOf(stacks.keySet());
    }

    public List<RunningStack> all() {
        return List.copyOf(stacks.values());
    }

    /** Where a region's data is; its records are where they are whole. */
    public StoreAddresses stores(Region region) {
        StoreAddresses own = of(region).stores();
        return new StoreAddresses(
                own.sets(),
                own.setRanges(),
                own.control(),
                own.ledger(),
                records(),
                own.cold(),
                own.redisUrl(),
                own.kafkaBootstrap());
    }

    /** Ends the regions in the order in which they do not miss each other. May be called twice. */
    @Override
    public void close() {
        all().reversed().forEach(RunningStack::close);
    }
}
