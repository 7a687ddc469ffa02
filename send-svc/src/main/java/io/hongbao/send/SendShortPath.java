package io.hongbao.send;

import io.grpc.ServerInterceptor;
import io.hongbao.kit.ShortPath;
import io.hongbao.v1.SendServiceGrpc;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** The two calls that every packet takes go the short path. */
@Singleton
@Unremovable
public class SendShortPath extends ShortPath {
    SendShortPath(@GrpcService SendGrpc send, @Any Instance<ServerInterceptor> interceptors) {
        super(send, interceptors, SendServiceGrpc.getCreatePacketMethod(), SendServiceGrpc.getPublishPacketMethod());
    }
}
