package io.hongbao.send;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEADLINE_PASSED;

import io.grpc.Context;
import io.grpc.Deadline;
import io.hongbao.kit.Refusal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long a request may take: what its caller said, and never longer than {@link #REQUEST_TIME_MAX}. */
public final class Patience {
    /** Every step has its own, shorter limit; this one bounds their sum, for callers that set no deadline. */
    public static final Duration REQUEST_TIME_MAX = Duration.ofSeconds(10);

    private Patience() {}

    /** The deadline of the gRPC call that this thread serves; for a job, the longest time. */
    public static Deadline ofCall() {
        Deadline longest = Deadline.after(REQUEST_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
        Deadline callers = Context.current().getDeadline();
        return callers == null ? longest : callers.minimum(longest);
    }

    /** @throws Refusal DEADLINE_PASSED */
    public static void check(Deadline deadline) {
        if (deadline.isExpired()) {
            throw passed();
        }
    }

    public static Refusal passed() {
        return Refusal.of(ERROR_REASON_DEADLINE_PASSED, "the deadline passed before anything was done");
    }
}
