package io.hongbao.kit.access;

import io.grpc.netty.NettyChannelBuilder;
import io.hongbao.tls.Party;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.api.ChannelBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcClientConfiguration;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Map;

/** Gives the Quarkus gRPC clients mutual TLS if it is on; each takes only the service it is named after for its server. */
@Singleton
@Unremovable
public class ClientSetup implements ChannelBuilderCustomizer<NettyChannelBuilder> {
    private final ServiceTls tls;

    ClientSetup(ServiceTls tls) {
        this.tls = tls;
    }

    @Override
    public Map<String, Object> customize(String name, GrpcClientConfiguration config, NettyChannelBuilder builder) {
        tls.mutual().ifPresent(mutual -> builder.sslContext(mutual.client(serviceOf(name))));
        return Map.of();
    }

    /** The client {@code wallet} calls wallet-bridge, {@code send} calls send-svc. */
    static Party serviceOf(String client) {
        return Arrays.stream(Party.values())
                .filter(party -> party.label().startsWith(client + "-"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no service is called through the gRPC client " + client));
    }
}
