package io.hongbao.cli.stack;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the services of a stack are called, and how.
 *
 * @param byService {@code host:port}; several where a service has several instances
 * @param certificates folder of the stack's certificates; empty where calls are plain text
 */
public record Addresses(Map<Service, List<String>> byService, Optional<Path> certificates) {
    public Addresses {
        byService = Map.copyOf(byService);
    }

    /** Called in plain text. */
    public Addresses(Map<Service, List<String>> byService) {
        this(byService, Optional.empty());
    }

    /** What {@code up} uses unless told otherwise. */
    public static Addresses ofPortBase(int portBase) {
        var byService = new EnumMap<Service, List<String>>(Service.class);
        for (Service service : Service.values()) {
            byService.put(service, List.of(Loopback.address(service.grpcPort(portBase))));
        }
        return new Addresses(byService);
    }

    public List<String> all(Service service) {
        return byService.getOrDefault(service, List.of());
    }

    /** The first instance. */
    public String of(Service service) {
        return all(service).getFirst();
    }
}
