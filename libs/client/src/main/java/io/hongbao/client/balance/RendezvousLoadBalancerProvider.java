package io.hongbao.client.balance;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import java.util.Map;

/** Offers rendezvous hashing to grpc under {@link #POLICY}. */
public final class RendezvousLoadBalancerProvider extends LoadBalancerProvider {
    /** The name of the policy in {@code defaultLoadBalancingPolicy} and in service configurations. */
    public static final String POLICY = "hongbao_rendezvous";

    /** In the middle of grpc's range of 0 to 10; no other provider has this policy's name. */
    private static final int PRIORITY = 5;

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public int getPriority() {
        return PRIORITY;
    }

    @Override
    public String getPolicyName() {
        return POLICY;
    }

    @Override
    public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
        return new RendezvousLoadBalancer(helper);
    }

    /** There is nothing to configure. */
    @Override
    public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> config) {
        return ConfigOrError.fromConfig("no configuration");
    }
}
