package io.hongbao.open;

import io.grpc.ServerInterceptor;
import io.hongbao.kit.ShortPath;
import io.hongbao.v1.OpenServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** Opens take the short path: an answer is written on the event loop its call came in on. */
@Singleton
@Unremovable
public class OpenShortPath extends ShortPath {
    OpenShortPath(@GrpcService OpenGrpc opens, @Any Instance<ServerInterceptor> interceptors) {
        super(opens, interceptors, OpenServiceGrpc.getOpenMethod());
    }
}
