package io.hongbao.client.resolve;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A DNS name whose addresses are looked up again on a schedule: {@code hongbao-dns:///open-svc.hongbao.svc:9103}. Grpc's
 * own {@code dns} asks again only when a connection fails, so that pods added to a headless service would get no calls
 * until another one fails.
 */
public final class RefreshingDnsNameResolverProvider extends NameResolverProvider {
    public static final String SCHEME = "hongbao-dns";

    /**
     * How often a name is looked up: just beyond the 30 s for which grpc and the JVM keep an answer by default, since
     * asking earlier returns the same answer. Processes that must see new pods sooner lower both caches
     * ({@code networkaddress.cache.ttl} as system property for grpc and as security property for the JVM) and are then
     * bound by this.
     */
    public static final Duration REFRESH_INTERVAL = Duration.ofSeconds(31);

    @Override
    protected boolean isAvailable() {
        return true;
    }

    /** Below dns, so that a target without a scheme stays a DNS name. */
    @Override
    protected int priority() {
        return StaticNameResolverProvider.PRIORITY - 1;
    }

    @Override
    public String getDefaultScheme() {
        return SCHEME;
    }

    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!SCHEME.equals(target.getScheme())) {
            return null;
        }
        URI dns = URI.create("dns:///" + StaticNameResolverProvider.listIn(target));
        NameResolver resolver =
                NameResolverRegistry.getDefaultRegistry().asFactory().newNameResolver(dns, args);
        return resolver == null ? null : new RefreshingNameResolver(resolver, args, REFRESH_INTERVAL);
    }
}
