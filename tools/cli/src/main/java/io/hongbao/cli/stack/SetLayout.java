package io.hongbao.cli.stack;

import java.util.List;

/**
 * A SET of the local stack.
 *
 * @param name also the name of its PostgreSQL server
 * @param range logical databases it serves
 * @param active logical databases that get new orders: a few, since each has tables for every day made ahead
 */
public record SetLayout(String name, String range, String active) {
    /** Those of the start; 40 to 49 and 90 to 99 are left for SETs that join. */
    public static final List<SetLayout> LOCAL =
            List.of(new SetLayout("set-a", "00-39", "00-02"), new SetLayout("set-b", "50-89", "50-52"));
}
