package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Expects an error in the one form that all errors have. */
final class Refused {
    private Refused() {}

    /** @param reason as callers see it, for instance {@code PACKET_NOT_FOUND} */
    static ErrorInfo with(Status.Code code, String reason, Executable call) {
        var failure = assertThrows(StatusRuntimeException.class, call);
        List<ErrorInfo> infos = StatusProto.fromThrowable(failure).getDetailsList().stream()
                .filter(detail -> detail.is(ErrorInfo.class))
                .map(Refused::unpack)
                .toList();
        assertEquals(1, infos.size(), () -> "exactly one ErrorInfo: " + failure);
        assertEquals(reason, infos.getFirst().getReason(), failure.toString());
        assertEquals(code, failure.getStatus().getCode(), failure.toString());
        assertEquals("hongbao", infos.getFirst().getDomain());
        String message = failure.getStatus().getDescription();
        assertTrue(message != null && !message.isBlank(), "a sentence for people");
        return infos.getFirst();
    }

    private static ErrorInfo unpack(Any detail) {
        try {
            return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
