package io.hongbao.cli.stack;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How to run a stack.
 *
 * @param home the built project
 * @param data folder of the stores, kept at the end; a temporary one if empty
 * @param portBase fixed ports from here; free ones if empty
 * @param jvm how the services run
 * @param openInstanceCount how many open-svc share the packets, at least 1
 * @param services which of the five to start
 * @param sets which SETs to start
 * @param standbys those of them that have a synchronous standby
 * @param overrides configuration that replaces or adds to the stack's own; a key of one service only begins with its
 *     module and a slash
 */
public record StackOptions(
        ProjectHome home,
        Optional<Path> data,
        OptionalInt portBase,
        JvmProfile jvm,
        int openInstanceCount,
        Set<Service> services,
        List<SetLayout> sets,
        Set<String> standbys,
        Map<String, String> overrides) {
    private static final String TLS = "hongbao.tls.enabled";

    public StackOptions {
        services = Set.copyOf(services);
        sets = List.copyOf(sets);
        standbys = Set.copyOf(standbys);
        overrides = Map.copyOf(overrides);
        if (openInstanceCount < 1) {
            throw new IllegalArgumentException("at least one open-svc is needed, not " + openInstanceCount);
        }
    }

    /** Temporary data, free ports, quick start, one instance of each service. */
    public static StackOptions temporary(ProjectHome home) {
        return new StackOptions(
                home,
                Optional.empty(),
                OptionalInt.empty(),
                JvmProfile.QUICK_START,
                1,
                EnumSet.allOf(Service.class),
                SetLayout.LOCAL,
                Set.of(),
                Map.of());
    }

    public StackOptions withData(Path folder) {
        return new StackOptions(
                home, Optional.of(folder), portBase, jvm, openInstanceCount, services, sets, standbys, overrides);
    }

    public StackOptions withPortBase(int base) {
        return new StackOptions(
                home, data, OptionalInt.of(base), jvm, openInstanceCount, services, sets, standbys, overrides);
    }

    public StackOptions withJvm(JvmProfile profile) {
        return new StackOptions(home, data, portBase, profile, openInstanceCount, services, sets, standbys, overrides);
    }

    public StackOptions withOpenInstances(int count) {
        return new StackOptions(home, data, portBase, jvm, count, services, sets, standbys, overrides);
    }

    /** Starts these services and SETs only, and the schemas that they need: the rest would take CPU from a measurement. */
    public StackOptions withOnly(Set<Service> onlyServices, List<SetLayout> onlySets) {
        return new StackOptions(
                home, data, portBase, jvm, openInstanceCount, onlyServices, onlySets, standbys, overrides);
    }

    /** With a synchronous standby for each of these SETs. */
    public StackOptions withStandbys(Set<String> setsWithStandby) {
        return new StackOptions(
                home, data, portBase, jvm, openInstanceCount, services, sets, setsWithStandby, overrides);
    }

    /** A setting of one service only. */
    public StackOptions with(Service service, String key, String value) {
        return with(service.module() + "/" + key, value);
    }

    /** Settings of all services. */
    Map<String, String> sharedOverrides() {
        var shared = new LinkedHashMap<>(overrides);
        shared.keySet().removeIf(key -> key.indexOf('/') >= 0);
        return shared;
    }

    /** What one service gets: the settings of all, and its own. */
    Map<String, String> overridesOf(Service service) {
        var own = sharedOverrides();
        String prefix = service.module() + "/";
        overrides.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                own.put(key.substring(prefix.length()), value);
            }
        });
        return own;
    }

    public StackOptions with(String key, String value) {
        var more = new LinkedHashMap<>(overrides);
        more.put(key, value);
        return new StackOptions(home, data, portBase, jvm, openInstanceCount, services, sets, standbys, more);
    }

    /** Mutual TLS between all, under a CA that is made for this stack. */
    public StackOptions withTls() {
        return with(TLS, "true");
    }

    /** Two regions run the same programs: one of them writes the class archives. */
    boolean writesArchives() {
        return overrides
                .getOrDefault("hongbao.region", Integer.toString(Region.NORTH.digit()))
                .equals(Integer.toString(Region.NORTH.digit()));
    }

    public boolean tls() {
        return Boolean.parseBoolean(overrides.getOrDefault(TLS, "false"));
    }
}
