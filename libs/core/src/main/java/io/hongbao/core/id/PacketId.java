package io.hongbao.core.id;

import java.time.LocalDate;
import java.time.ZoneId;

/**
 * An order number: 19 decimal digits in a {@code long}, {@code R DDDD NNN SSSSSSSS XXY}.
 *
 * <pre>
 * R         region, 1 north, 2 south
 * DDDD      days since 2020-01-01 in Asia/Shanghai
 * NNN       allocator slot
 * SSSSSSSS  counter
 * XX        logical database, 00 to 99
 * Y         table, 0 to 9
 * </pre>
 *
 * Everything before XXY is unique by itself, so that the suffix can be swapped for another SET's at send time. Region,
 * day, SET, database, table and day table follow from the number alone; there is no directory to look it up in.
 *
 * @param value the number, always well-formed
 */
public record PacketId(long value) implements Comparable<PacketId> {
    /** Where days begin: packets belong to the day of their sender's country. */
    public static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
    /** Day number 0. */
    public static final LocalDate EPOCH = LocalDate.of(2020, 1, 1);

    public static final int NORTH = 1;
    public static final int SOUTH = 2;
    /** Day numbers run from 0 to this: 2047-05-18. */
    public static final int DAY_MAX = 9_999;
    /** Allocator slots run from 0 to this. */
    public static final int SLOT_MAX = 999;
    /** Counters run from 0 to this, per slot and day. */
    public static final int COUNTER_MAX = 99_999_999;
    /** Logical databases run from 0 to this. */
    public static final int DATABASE_MAX = 99;
    /** Suffixes {@code XXY} run from 0 to this. */
    public static final int SUFFIX_MAX = 999;

    private static final long SUFFIX_SIZE = 1_000L;
    private static final long COUNTER_SIZE = 100_000_000L;
    private static final long SLOT_SIZE = 1_000L;
    private static final long DAY_SIZE = 10_000L;

    public PacketId {
        if (!isWellFormed(value)) {
            throw new IllegalArgumentException("not an order number: " + value);
        }
    }

    /** Whether the number has 19 digits and a known region. Every day, slot, counter and suffix is possible. */
    public static boolean isWellFormed(long value) {
        long region = value / (DAY_SIZE * SLOT_SIZE * COUNTER_SIZE * SUFFIX_SIZE);
        return region == NORTH || region == SOUTH;
    }

    /** @throws IllegalArgumentException if a part is out of its range */
    public static PacketId of(int region, int day, int slot, int counter, int suffix) {
        check("region", region, NORTH, SOUTH);
        check("day", day, 0, DAY_MAX);
        check("slot", slot, 0, SLOT_MAX);
        check("counter", counter, 0, COUNTER_MAX);
        check("suffix", suffix, 0, SUFFIX_MAX);
        return new PacketId((((region * DAY_SIZE + day) * SLOT_SIZE + slot) * COUNTER_SIZE + counter) * SUFFIX_SIZE
                + suffix);
    }

    /** The number of a day; {@code date} is a date in {@link #ZONE}. */
    public static int dayOf(LocalDate date) {
        return Math.toIntExact(date.toEpochDay() - EPOCH.toEpochDay());
    }

    public int region() {
        return (int) (value / (DAY_SIZE * SLOT_SIZE * COUNTER_SIZE * SUFFIX_SIZE));
    }

    public int day() {
        return (int) (value / (SLOT_SIZE * COUNTER_SIZE * SUFFIX_SIZE) % DAY_SIZE);
    }

    public LocalDate date() {
        return EPOCH.plusDays(day());
    }

    public int slot() {
        return (int) (value / (COUNTER_SIZE * SUFFIX_SIZE) % SLOT_SIZE);
    }

    public int counter() {
        return (int) (value / SUFFIX_SIZE % COUNTER_SIZE);
    }

    /** {@code XXY}: which table of which logical database. */
    public int suffix() {
        return (int) (value % SUFFIX_SIZE);
    }

    /** {@code XX}: which logical database. */
    public int database() {
        return suffix() / 10;
    }

    /** {@code Y}: which table of the logical database. */
    public int table() {
        return suffix() % 10;
    }

    /** Day of the month, 1 to 31: which of the circular day tables. */
    public int dayTable() {
        return date().getDayOfMonth();
    }

    /** The same order in another SET. */
    public PacketId withSuffix(int suffix) {
        check("suffix", suffix, 0, SUFFIX_MAX);
        return new PacketId(value - suffix() + suffix);
    }

    @Override
    public int compareTo(PacketId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }

    private static void check(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + " " + value + " is not in " + min + ".." + max);
        }
    }
}
