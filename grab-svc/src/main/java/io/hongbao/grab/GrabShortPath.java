package io.hongbao.grab;

import io.grpc.ServerInterceptor;
import io.hongbao.kit.ShortPath;
import io.hongbao.v1.GrabServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** Grabs take the short path: they wait for Redis by callback, and are answered on the event loop they came in on. */
@Singleton
@Unremovable
public class GrabShortPath extends ShortPath {
    GrabShortPath(@GrpcService GrabGrpc service, @Any Instance<ServerInterceptor> interceptors) {
        super(service, interceptors, GrabServiceGrpc.getGrabMethod());
    }
}
