package io.hongbao.cli.drill;

import java.util.List;
import java.util.Optional;

/** Every drill there is. */
public final class Drills {
    /** In the order in which a run of all takes them. */
    public static final List<Drill> ALL = List.of(new Calm());

    private Drills() {}

    public static Optional<Drill> named(String name) {
        return ALL.stream().filter(drill -> drill.name().equals(name)).findFirst();
    }
}
