package io.hongbao.cli.bench;

/** What an acknowledged open survives. */
final class Durability {
    /** The answer was on disk, forced, before anybody heard it. */
    static final String POWER_LOSS_SAFE = "power-loss-safe";
    /** The answer is given before it is durable: the last moments before a crash are lost. */
    static final String MAY_LOSE = "may-lose";

    private Durability() {}
}
