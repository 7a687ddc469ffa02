package io.hongbao.kit.access;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.arc.Arc;
import io.quarkus.grpc.runtime.config.GrpcClientConfiguration;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.quarkus.grpc.spi.GrpcBuilderProvider;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownContext;
import io.vertx.core.Vertx;
import io.vertx.grpc.VertxServerBuilder;
import java.util.List;
import java.util.Map;

/**
 * Makes the Quarkus gRPC clients' channels while TLS is on. Quarkus would give them a TLS context of its own, which reads
 * its files once; {@link ClientSetup} gives them ours. Found through {@code META-INF/services}; a new one for each channel.
 */
public final class TlsChannels implements GrpcBuilderProvider<VertxServerBuilder> {
    private static final String DNS = "dns";

    private String resolver = DNS;

    @Override
    public boolean providesChannel(GrpcClientConfiguration configuration) {
        resolver = configuration.nameResolver();
        return Arc.requireContainer().instance(ServiceTls.class).get().mutual().isPresent();
    }

    @Override
    public String resolver() {
        return resolver;
    }

    /** A target for the DNS resolver has an empty authority: {@code dns:///host:port}. */
    @Override
    public String adjustHost(String host) {
        return resolver.equalsIgnoreCase(DNS) ? "/" + host : host;
    }

    @Override
    public ManagedChannelBuilder<?> createChannelBuilder(GrpcClientConfiguration configuration, String target) {
        return NettyChannelBuilder.forTarget(target);
    }

    @Override
    public String channelInfo(GrpcClientConfiguration configuration) {
        return "mutual TLS";
    }

    @Override
    public boolean providesServer(GrpcServerConfiguration configuration) {
        return false;
    }

    @Override
    public ServerBuilder<VertxServerBuilder> createServerBuilder(
            Vertx vertx, GrpcServerConfiguration configuration, LaunchMode launchMode) {
        throw noServer();
    }

    @Override
    public void startServer(Server server) {
        throw noServer();
    }

    @Override
    public void postStartup(Server server, ShutdownContext shutdown) {
        throw noServer();
    }

    @Override
    public void devModeReload(
            List<ServerServiceDefinition> servicesWithInterceptors,
            Map<String, ServerMethodDefinition<?, ?>> methods,
            List<ServerInterceptor> globalInterceptors,
            ShutdownContext shutdown) {
        throw noServer();
    }

    @Override
    public boolean serverAlreadyExists() {
        return false;
    }

    @Override
    public String serverInfo(String host, int port, GrpcServerConfiguration configuration) {
        throw noServer();
    }

    private static UnsupportedOperationException noServer() {
        return new UnsupportedOperationException("servers are Quarkus' own");
    }
}
