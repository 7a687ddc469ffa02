package io.hongbao.cli.up;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.Region;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;

/**
 * What the records home knows of a region.
 *
 * @param silentSeconds since a pod of the region last reached it
 * @param recordedUntil commit time of the newest event of the region in the records; empty if there is none
 */
record RecordsOf(
        String region,
        @JsonProperty("silent_seconds") double silentSeconds,
        @JsonProperty("recorded_until") String recordedUntil) {
    private static final String READ = """
            select region, extract(epoch from clock_timestamp() - heard_at)::float8, recorded_until
            from region_progress
            order by region
            """;

    static List<RecordsOf> read(Database records) throws SQLException {
        var regions = new ArrayList<RecordsOf>();
        try (var connection = records.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(READ)) {
            while (rows.next()) {
                int digit = rows.getInt(1);
                Timestamp until = rows.getTimestamp(3);
                regions.add(new RecordsOf(
                        Region.ofDigit(digit).map(Region::word).orElse(Integer.toString(digit)),
                        Math.round(rows.getDouble(2) * 10) / 10.0,
                        until == null ? "" : until.toInstant().toString()));
            }
        }
        return regions;
    }

    String words() {
        return "%s heard %.1f s ago, recorded until %s"
                .formatted(region, silentSeconds, recordedUntil.isEmpty() ? "–" : recordedUntil);
    }
}
