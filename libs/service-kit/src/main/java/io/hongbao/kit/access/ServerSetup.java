package io.hongbao.kit.access;

import io.grpc.netty.NettyServerBuilder;
import io.hongbao.tls.MutualTls;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/** Gives the gRPC server its limits and, if it is on, mutual TLS. */
@Singleton
@Unremovable
public class ServerSetup implements ServerBuilderCustomizer<VertxServerBuilder> {
    private static final int RESET_WINDOW_SECONDS = 10;

    private final ServiceTls tls;
    private final ServerLimits limits;

    ServerSetup(ServiceTls tls, ServerLimits limits) {
        this.tls = tls;
        this.limits = limits;
    }

    @Override
    public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
        limit(builder.nettyBuilder(), limits);
        tls.mutual().ifPresent(mutual -> secure(builder.nettyBuilder(), mutual));
    }

    static void limit(NettyServerBuilder server, ServerLimits limits) {
        server.maxInboundMetadataSize(limits.metadataBytesMax())
                .maxConcurrentCallsPerConnection(limits.concurrentCallsMax())
                .handshakeTimeout(limits.handshakeTimeMax().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(limits.connectionIdleMax().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAge(limits.connectionAgeMax().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(limits.connectionAgeGrace().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(limits.pingIntervalMin().toMillis(), TimeUnit.MILLISECONDS)
                .maxRstFramesPerWindow(limits.resetsPerTenSecondsMax(), RESET_WINDOW_SECONDS)
                .addTransportFilter(new ConnectionCalls.Counts());
    }

    static void secure(NettyServerBuilder server, MutualTls mutual) {
        server.sslContext(mutual.server()).addTransportFilter(new CallerFilter(mutual.identities()));
    }
}
