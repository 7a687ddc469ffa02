package io.hongbao.core.set;

import io.hongbao.core.id.PacketId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A set of logical databases XX, written as numbers and ranges: {@code "00-02,07"}; blank is the empty set.
 *
 * @param databases ascending, without doubles, each 0 to 99
 */
public record SuffixRange(List<Integer> databases) {
    /** One number, or two with a dash: at most two ASCII digits each, so that no list can grow beyond 00..99. */
    private static final Pattern PART = Pattern.compile("\\s*([0-9]{1,2})\\s*(?:-\\s*([0-9]{1,2})\\s*)?");

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
        if (text.isBlank()) {
            return new SuffixRange(List.of());
        }
        var databases = new ArrayList<Integer>();
        for (String part : text.split(",", -1)) {
            Matcher ends = PART.matcher(part);
            if (!ends.matches()) {
                throw new IllegalArgumentException("not a list of databases 00..99: " + text);
            }
            int first = Integer.parseInt(ends.group(1));
            int last = ends.group(2) == null ? first : Integer.parseInt(ends.group(2));
            if (last < first) {
                throw new IllegalArgumentException("a range that descends: " + part);
            }
            for (int database = first; database <= last; database++) {
                databases.add(database);
            }
        }
        return new SuffixRange(databases);
    }

    /** Whether {@link #parse} takes the text. */
    public static boolean isWellFormed(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException notARange) {
            return false;
        }
    }

    /** As {@link #parse} reads it: {@code "00-02,07"}; {@code "none"} for the empty set, which it does not. */
    public String written() {
        var parts = new ArrayList<String>();
        for (int first = 0; first < databases.size(); ) {
            int last = first;
            while (last + 1 < databases.size() && databases.get(last + 1) == databases.get(last) + 1) {
                last++;
            }
            parts.add(
                    last == first
                            ? "%02d".formatted(databases.get(first))
                            : "%02d-%02d".formatted(databases.get(first), databases.get(last)));
            first = last + 1;
        }
        return parts.isEmpty() ? "none" : String.join(",", parts);
    }

    public boolean contains(int database) {
        return databases.contains(database);
    }
}
