package io.hongbao.send.job;

import io.hongbao.send.SendMetrics;
import io.smallrye.mutiny.Uni;
import java.util.List;

/**
 * What became of the parts of a job's run.
 *
 * @param handledCount parts in which something was done
 * @param failureCount parts that failed
 */
record Outcomes(long handledCount, long failureCount) {
    static final Outcomes NONE = new Outcomes(0, 0);

    /** Runs all parts at once. @param parts tell whether they did something; one that fails stops no other */
    static Uni<Outcomes> of(List<Uni<Boolean>> parts) {
        return sum(parts.stream().map(Outcomes::of).toList());
    }

    /** One part. Never fails. */
    static Uni<Outcomes> of(Uni<Boolean> part) {
        return part.map(handled -> new Outcomes(handled ? 1 : 0, 0))
                .onFailure()
                .recoverWithItem(failure -> new Outcomes(0, 1));
    }

    static Uni<Outcomes> sum(List<Uni<Outcomes>> parts) {
        return parts.isEmpty()
                ? Uni.createFrom().item(NONE)
                : Uni.join().all(parts).andFailFast().map(all -> all.stream().reduce(NONE, Outcomes::plus));
    }

    Outcomes plus(Outcomes other) {
        return new Outcomes(handledCount + other.handledCount, failureCount + other.failureCount);
    }

    void report(String job, SendMetrics metrics) {
        metrics.jobRan(job, handledCount, failureCount);
    }
}
