package io.hongbao.cli.stack;

import java.sql.SQLException;
import java.util.Map;

/**
 * Where the stores of a stack listen.
 *
 * @param sets the order store of each SET, by its name
 * @param setRanges the logical databases that each of them was configured with, such as {@code 00-49}
 * @param cold the days that have left the SETs
 * @param redisUrl {@code redis://host:port}; empty if it is not looked at
 * @param kafkaBootstrap {@code host:port}
 */
public record StoreAddresses(
        Map<String, Database> sets,
        Map<String, String> setRanges,
        Database control,
        Database ledger,
        Database records,
        Database cold,
        String redisUrl,
        String kafkaBootstrap) {
    /** With the SETs that have joined since, as control data tells; without them if it does not answer. */
    public StoreAddresses now() {
        try {
            return new StoreAddresses(
                    StackSets.read(this).databases(),
                    setRanges,
                    control,
                    ledger,
                    records,
                    cold,
                    redisUrl,
                    kafkaBootstrap);
        } catch (SQLException away) {
            return this;
        }
    }
}
