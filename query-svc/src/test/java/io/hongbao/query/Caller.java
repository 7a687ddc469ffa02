package io.hongbao.query;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc.QueryServiceBlockingStub;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.function.Executable;

/** Somebody who calls the service over the network. */
@ApplicationScoped
public class Caller {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final QueryServiceBlockingStub stub;

    Caller(@ConfigProperty(name = "quarkus.grpc.server.test-port") int port) {
        stub = QueryServiceGrpc.newBlockingStub(ManagedChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .build());
    }

    QueryServiceBlockingStub query() {
        return stub.withDeadlineAfter(DEADLINE);
    }

    /** What a refused caller hears. */
    static ErrorInfo refusal(Executable call) {
        StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call);
        var status = StatusProto.fromThrowable(failure);
        try {
            return status.getDetails(0).unpack(ErrorInfo.class);
        } catch (Exception noErrorInfo) {
            throw new AssertionError("no ErrorInfo: " + failure, noErrorInfo);
        }
    }
}
