package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.ErrorReason;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorMappingTest {
    private static final Refusal BUSY = Refusal.of(ErrorReason.ERROR_REASON_PACKET_BUSY, "busy");

    private static String reasonOf(StatusRuntimeException status) throws InvalidProtocolBufferException {
        var details = StatusProto.fromThrowable(status).getDetailsList().stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .toList();
        assertEquals(1, details.size());
        return details.getFirst().unpack(ErrorInfo.class).getReason();
    }

    @Test
    void shouldTellARefusal() throws InvalidProtocolBufferException {
        assertEquals("PACKET_BUSY", reasonOf(ErrorMapping.toStatus(BUSY)));
    }

    @Test
    void shouldFindARefusalInAWrapper() throws InvalidProtocolBufferException {
        assertEquals("PACKET_BUSY", reasonOf(ErrorMapping.toStatus(new CompletionException(BUSY))));
    }

    @Test
    void shouldPassOnWhatAnotherServiceRefused() {
        StatusRuntimeException refused = BUSY.toStatusException();

        assertSame(refused, ErrorMapping.toStatus(refused));
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, DEPENDENCY_UNAVAILABLE, UNAVAILABLE",
        "DEADLINE_EXCEEDED, DEPENDENCY_UNAVAILABLE, UNAVAILABLE",
        "RESOURCE_EXHAUSTED, OVERLOADED, RESOURCE_EXHAUSTED",
        "PERMISSION_DENIED, INTERNAL, INTERNAL",
        "UNKNOWN, INTERNAL, INTERNAL"
    })
    void shouldGiveAStatusOfTheTransportItsReason(Status.Code code, String reason, Status.Code told)
            throws InvalidProtocolBufferException {
        StatusRuntimeException status = ErrorMapping.toStatus(code.toStatus()
                .withDescription("io exception: wallet/10.0.0.3:9105")
                .asRuntimeException());

        assertEquals(reason, reasonOf(status));
        assertEquals(told, status.getStatus().getCode());
        assertFalse(status.getStatus().getDescription().contains("10.0.0.3"));
    }

    @Test
    void shouldTreatACheckedStatusAlike() throws InvalidProtocolBufferException {
        assertEquals(
                "DEPENDENCY_UNAVAILABLE", reasonOf(ErrorMapping.toStatus(new StatusException(Status.UNAVAILABLE))));
    }

    @Test
    void shouldLetACancelledCallBeCancelled() {
        assertEquals(
                Status.Code.CANCELLED,
                ErrorMapping.toStatus(Status.CANCELLED.asRuntimeException())
                        .getStatus()
                        .getCode());
    }

    @Test
    void shouldTellNothingInternal() throws InvalidProtocolBufferException {
        StatusRuntimeException status = ErrorMapping.toStatus(new IllegalStateException("table db_07.packet_3_21"));

        assertEquals("INTERNAL", reasonOf(status));
        assertEquals("internal error", status.getStatus().getDescription());
    }
}
