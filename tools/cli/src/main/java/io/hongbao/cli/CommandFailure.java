package io.hongbao.cli;

/** A command that cannot do its work, told in words a person can act upon. Never shown with a trace. */
public final class CommandFailure extends RuntimeException {
    public CommandFailure(String message) {
        super(message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
