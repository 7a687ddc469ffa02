package io.hongbao.cli.stack;

import java.util.Map;

/**
 * Where the stores of a stack listen.
 *
 * @param sets the order store of each SET, by its name
 * @param cold the days that have left the SETs
 * @param redisUrl {@code redis://host:port}
 * @param kafkaBootstrap {@code host:port}
 */
public record StoreAddresses(
        Map<String, Database> sets,
        Database control,
        Database ledger,
        Database records,
        Database cold,
        String redisUrl,
        String kafkaBootstrap) {}
