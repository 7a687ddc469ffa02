package io.hongbao.localstack;

import java.io.IOException;

/** A failure whose message tells the user all he needs; no stack trace is printed for it. */
final class StackException extends IOException {
    private static final long serialVersionUID = 1L;

    StackException(String message) {
        super(message);
    }
}
