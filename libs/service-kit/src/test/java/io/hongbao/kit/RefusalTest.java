package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.hongbao.v1.ErrorReason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {
    static Stream<ErrorReason> reasons() {
        return Arrays.stream(ErrorReason.values())
                .filter(reason -> reason != ErrorReason.ERROR_REASON_UNSPECIFIED && reason != ErrorReason.UNRECOGNIZED);
    }

    /** The numbers of the contract are grouped by status code; 57 sits apart from its group. */
    private static Status.Code codeOfTheContract(ErrorReason reason) {
        int number = reason.getNumber();
        return number <= 29 || number == 57
                ? Status.Code.INVALID_ARGUMENT
                : switch (number / 10) {
                    case 3 -> Status.Code.NOT_FOUND;
                    // The fifties are full: further ones go down from 48.
                    case 4 -> number >= 45 ? Status.Code.FAILED_PRECONDITION : Status.Code.ALREADY_EXISTS;
                    case 5 -> Status.Code.FAILED_PRECONDITION;
                    case 6 -> Status.Code.PERMISSION_DENIED;
                    case 7 -> Status.Code.RESOURCE_EXHAUSTED;
                    case 8 -> Status.Code.UNAVAILABLE;
                    case 10 -> Status.Code.UNAUTHENTICATED;
                    default -> number == 90 ? Status.Code.DEADLINE_EXCEEDED : Status.Code.INTERNAL;
                };
    }

    private static List<Any> details(StatusRuntimeException status) {
        return StatusProto.fromThrowable(status).getDetailsList();
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void shouldHaveTheStatusCodeOfTheContract(ErrorReason reason) {
        StatusRuntimeException status = Refusal.of(reason, "why").toStatusException();

        assertEquals(codeOfTheContract(reason), status.getStatus().getCode());
        assertEquals("why", status.getStatus().getDescription());
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void shouldCarryExactlyOneErrorInfo(ErrorReason reason) throws InvalidProtocolBufferException {
        StatusRuntimeException status =
                Refusal.of(reason, "why").with("set", "set-a").toStatusException();

        List<Any> infos = details(status).stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .toList();

        assertEquals(1, infos.size());
        ErrorInfo info = infos.getFirst().unpack(ErrorInfo.class);
        assertEquals("ERROR_REASON_" + info.getReason(), reason.name());
        assertEquals("hongbao", info.getDomain());
        assertEquals(Map.of("set", "set-a"), info.getMetadataMap());
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void shouldTellWhenToRetryExactlyWhereARetryHelps(ErrorReason reason) throws InvalidProtocolBufferException {
        StatusRuntimeException status = Refusal.of(reason, "why").toStatusException();

        List<Any> retries = details(status).stream()
                .filter(detail -> detail.is(RetryInfo.class))
                .toList();

        boolean helps = status.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
                || status.getStatus().getCode() == Status.Code.UNAVAILABLE;
        assertEquals(helps ? 1 : 0, retries.size());
        if (helps) {
            var delay = retries.getFirst().unpack(RetryInfo.class).getRetryDelay();
            assertTrue(delay.getSeconds() > 0 || delay.getNanos() > 0);
        }
    }

    @Test
    void shouldKeepEarlierMetadata() {
        Refusal refusal = Refusal.of(ErrorReason.ERROR_REASON_WRONG_REGION, "why")
                .with("home_region", "1")
                .with("set", "set-a");

        assertEquals(Map.of("home_region", "1", "set", "set-a"), refusal.metadata());
    }

    @Test
    void shouldNotPayForAStackTrace() {
        assertEquals(0, Refusal.of(ErrorReason.ERROR_REASON_PACKET_BUSY, "why").getStackTrace().length);
    }
}
