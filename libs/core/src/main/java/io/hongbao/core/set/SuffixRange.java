package io.hongbao.core.set;

import io.hongbao.core.id.PacketId;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of logical databases XX, written as numbers and ranges: {@code "00-02,07"}.
 *
 * @param databases ascending, without doubles, each 0 to 99
 */
public record SuffixRange(List<Integer> databases) {
    public SuffixRange {
        databases = databases.stream().distinct().sorted().toList();
        for (int database : databases) {
            if (database < 0 || database > PacketId.DATABASE_MAX) {
                throw new IllegalArgumentException("database " + database + " is not in 0.." + PacketId.DATABASE_MAX);
            }
        }
    }

    /** @throws IllegalArgumentException if the text is not a list of numbers and ascending ranges in 00..99 */
    public static SuffixRange parse(String text) {
        var databases = new ArrayList<Integer>();
        for (String part : text.split(",")) {
            String[] ends = part.strip().split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException("not a range of databases: " + part);
            }
            int first = number(ends[0], text);
            int last = ends.length == 1 ? first : number(ends[1], text);
            if (last < first) {
                throw new IllegalArgumentException("a range that descends: " + part);
            }
            for (int database = first; database <= last; database++) {
                databases.add(database);
            }
        }
        return new SuffixRange(databases);
    }

    public boolean contains(int database) {
        return databases.contains(database);
    }

    private static int number(String text, String whole) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("not a list of databases: " + whole, notANumber);
        }
    }
}
