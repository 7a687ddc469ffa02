package io.hongbao.cli.bench.load;

import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;

/** The empty call: the health check of the same server. What it reaches is the limit of everything behind it. */
public final class Echo implements CallKind<HealthCheckRequest, HealthCheckResponse> {
    @Override
    public MethodDescriptor<HealthCheckRequest, HealthCheckResponse> method() {
        return HealthGrpc.getCheckMethod();
    }

    @Override
    public HealthCheckRequest next() {
        return HealthCheckRequest.getDefaultInstance();
    }

    @Override
    public Verdict judge(HealthCheckResponse answer) {
        return answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING ? Verdict.DONE : Verdict.REFUSED;
    }
}
