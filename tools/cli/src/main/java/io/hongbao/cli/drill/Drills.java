package io.hongbao.cli.drill;

import io.hongbao.cli.drill.SetOutage.Focus;
import io.hongbao.cli.drill.SetOutage.Kind;
import java.util.List;
import java.util.Optional;

/** Every drill there is. */
public final class Drills {
    /** In the order in which a run of all takes them. */
    public static final List<Drill> ALL = List.of(
            new Calm(),
            new SetOutage(
                    "set-down-send", "kill -9 of a SET's PostgreSQL while orders are made", Kind.KILLED, Focus.SEND),
            new SetOutage(
                    "set-down-open", "kill -9 of a SET's PostgreSQL while packets are opened", Kind.KILLED, Focus.OPEN),
            new SetOutage("set-frozen", "a SET's PostgreSQL is frozen, and thawed", Kind.FROZEN, Focus.ALL),
            new ColdMove(),
            new ReconInjected(),
            new RefundRace(),
            new SetAddition(),
            new DbMove(),
            new SetFailover(),
            new BackupRestore(),
            new KafkaDown(),
            new RegionDown(),
            new ProviderFault(
                    "provider-timeout", "WeChat Pay acts and does not answer: nothing is paid twice", List.of("drop")),
            new ProviderFault(
                    "provider-unknown",
                    "WeChat Pay answers SYSTEM_ERROR, FREQUENCY_LIMITED, NOT_ENOUGH: the same numbers again",
                    List.of("SYSTEM_ERROR", "FREQUENCY_LIMITED", "NOT_ENOUGH")),
            new CallbackForgery(),
            new CallbackStorm(),
            new ProviderBill());

    private Drills() {}

    public static Optional<Drill> named(String name) {
        return ALL.stream().filter(drill -> drill.name().equals(name)).findFirst();
    }
}
