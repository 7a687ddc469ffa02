package io.hongbao.client;

import io.grpc.stub.AbstractAsyncStub;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.AbstractFutureStub;

/** The three ways to call one service; all share a channel and may be used by any number of threads. */
public record Stubs<B extends AbstractBlockingStub<B>, A extends AbstractAsyncStub<A>, F extends AbstractFutureStub<F>>(
        B blocking, A async, F future) {}
