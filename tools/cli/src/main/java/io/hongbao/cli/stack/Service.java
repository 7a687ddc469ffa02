package io.hongbao.cli.stack;

import java.util.Optional;

/** The five services: where their program is, and the ports they have unless told otherwise. */
public enum Service {
    SEND("send-svc", "hongbao.v1.SendService", 1),
    GRAB("grab-svc", "hongbao.v1.GrabService", 2),
    OPEN("open-svc", "hongbao.v1.OpenService", 3),
    QUERY("query-svc", "hongbao.v1.QueryService", 4),
    WALLET("wallet-bridge", "hongbao.v1.WalletService", 5);

    /** Where the ports of {@code up} begin. */
    public static final int PORT_BASE = 9_100;
    /** Management ports follow the gRPC ports at this distance. */
    private static final int MANAGEMENT_OFFSET = 100;

    private final String module;
    private final String grpcService;
    private final int offset;

    Service(String module, String grpcService, int offset) {
        this.module = module;
        this.grpcService = grpcService;
        this.offset = offset;
    }

    /** The name of its folder, process and log. */
    public String module() {
        return module;
    }

    /** Full name of the gRPC service. */
    public String grpcService() {
        return grpcService;
    }

    /** Whether it reads or writes orders. */
    public boolean usesSets() {
        return switch (this) {
            case SEND, OPEN, QUERY -> true;
            case GRAB, WALLET -> false;
        };
    }

    public int grpcPort(int portBase) {
        return portBase + offset;
    }

    public int managementPort(int portBase) {
        return portBase + MANAGEMENT_OFFSET + offset;
    }

    /** The service with this folder name. */
    public static Optional<Service> ofModule(String module) {
        for (Service service : values()) {
            if (service.module.equals(module)) {
                return Optional.of(service);
            }
        }
        return Optional.empty();
    }
}
