package io.hongbao.cli.bench;

import java.util.Locale;

/** The ways to open that are measured side by side. */
enum PeerMode {
    SELECT_FOR_UPDATE("SELECT … FOR UPDATE", Durability.POWER_LOSS_SAFE),
    OPTIMISTIC("version + retry", Durability.POWER_LOSS_SAFE),
    CTE("one statement per open", Durability.POWER_LOSS_SAFE),
    /** Redis forces its log once a second, and the writer behind it is later still. */
    REDIS_LUA("Redis Lua + late writer", Durability.MAY_LOSE),
    OURS("Hongbao", Durability.POWER_LOSS_SAFE);

    private final String title;
    private final String durability;

    PeerMode(String title, String durability) {
        this.title = title;
        this.durability = durability;
    }

    /** For people. */
    String title() {
        return title;
    }

    String durability() {
        return durability;
    }

    /** In JSON. */
    String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** In the settings of the peers' program, and in the name of its process. */
    String settingName() {
        return jsonName().replace('_', '-');
    }
}
