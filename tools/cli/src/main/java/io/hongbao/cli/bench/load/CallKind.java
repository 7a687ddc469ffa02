package io.hongbao.cli.bench.load;

import io.grpc.MethodDescriptor;

/**
 * What is called.
 *
 * @param <Q> request
 * @param <A> answer
 */
public interface CallKind<Q, A> {
    MethodDescriptor<Q, A> method();

    /** The next request. Called by several threads. */
    Q next();

    /** Makes requests ahead, so that this does not happen while they are measured. */
    default void prepare(int count) {}

    /** Whether an OK answer is what was asked for, or an expected no. Called by several threads. */
    Verdict judge(A answer);

    /** What an answer comes to. */
    enum Verdict {
        DONE,
        /** A result such as sold out: work, but not the work. */
        REFUSED
    }
}
