package io.hongbao.peers;

import io.grpc.ServerInterceptor;
import io.hongbao.kit.ShortPath;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** Opens take the same path here as in open-svc. */
@Singleton
@Unremovable
public class PeerShortPath extends ShortPath {
    PeerShortPath(@GrpcService PeerGrpc service, @Any Instance<ServerInterceptor> interceptors) {
        super(service, interceptors, OpenServiceGrpc.getOpenMethod());
    }
}
