package io.hongbao.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.ErrorReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ErrorsTest {
    private static final long SEED = 7L;

    @Test
    void shouldReadReasonMetadataAndDelay() {
        // given
        StatusRuntimeException error = error(Code.UNAVAILABLE, "hongbao", "SET_UNAVAILABLE", Optional.of(250));

        // when
        CallError read = Errors.read(error);

        // then
        assertEquals(
                new CallError(
                        Status.Code.UNAVAILABLE,
                        Optional.of(ErrorReason.ERROR_REASON_SET_UNAVAILABLE),
                        Map.of("set", "set-a"),
                        Optional.of(Duration.ofMillis(250))),
                read);
    }

    @Test
    void shouldReadNoReasonFromAnErrorOfTheConnection() {
        assertEquals(Optional.empty(), Errors.reason(Status.UNAVAILABLE.asRuntimeException()));
    }

    @Test
    void shouldReadNoReasonOfAnotherDomainOrOfANewerService() {
        assertEquals(Optional.empty(), Errors.reason(error(Code.INTERNAL, "other", "INTERNAL", Optional.empty())));
        assertEquals(Optional.empty(), Errors.reason(error(Code.INTERNAL, "hongbao", "NOT_YET", Optional.empty())));
    }

    @Test
    void shouldSendAgainAfterTheDelayTheServerAsksForAndStopInTime() {
        // given
        System.out.println("seed=" + SEED);
        var policy = new RetryPolicy(3, new Random(SEED));
        var waits = new ArrayList<Duration>();
        var calls = new ArrayList<Integer>();
        StatusRuntimeException busy = error(Code.RESOURCE_EXHAUSTED, "hongbao", "PACKET_BUSY", Optional.of(100));

        // when
        assertThrows(
                StatusRuntimeException.class,
                () -> policy.call(
                        () -> {
                            calls.add(1);
                            throw busy;
                        },
                        waits::add));

        // then
        assertEquals(3, calls.size());
        assertEquals(2, waits.size());
        waits.forEach(
                wait -> assertEquals(true, wait.toMillis() >= 100 && wait.toMillis() <= 200, () -> "waited " + wait));
    }

    @Test
    void shouldNotSendAgainWhatWouldBeRefusedAgain() {
        var policy = new RetryPolicy(3, new Random(SEED));
        for (Status.Code code : List.of(
                Status.Code.INVALID_ARGUMENT,
                Status.Code.DEADLINE_EXCEEDED,
                Status.Code.INTERNAL,
                Status.Code.RESOURCE_EXHAUSTED,
                Status.Code.FAILED_PRECONDITION)) {
            assertEquals(Optional.empty(), policy.waitAfter(1, code.toStatus().asRuntimeException()), code.name());
        }
    }

    private static StatusRuntimeException error(Code code, String domain, String reason, Optional<Integer> retryMs) {
        var status = com.google.rpc.Status.newBuilder()
                .setCode(code.getNumber())
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain(domain)
                        .setReason(reason)
                        .putMetadata("set", "set-a")
                        .build()));
        retryMs.ifPresent(ms -> status.addDetails(Any.pack(RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder().setNanos(ms * 1_000_000))
                .build())));
        return StatusProto.toStatusRuntimeException(status.build());
    }
}
