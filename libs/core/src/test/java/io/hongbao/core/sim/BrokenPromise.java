package io.hongbao.core.sim;

/** A promise of the system was broken: which one, and how. */
final class BrokenPromise extends AssertionError {
    private final String promise;

    BrokenPromise(String promise, String what) {
        super(promise + ": " + what);
        this.promise = promise;
    }

    /** For instance {@code I2}. */
    String promise() {
        return promise;
    }
}
