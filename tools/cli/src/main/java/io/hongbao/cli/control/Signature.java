package io.hongbao.cli.control;

import io.hongbao.cli.audit.OperatorAudit;
import picocli.CommandLine.Option;

/** Who changes something, and why: both are audited. */
public final class Signature {
    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is audited.")
    private String reason = "";

    @Option(names = "--actor", paramLabel = "NAME", description = "Who; default: the user of this terminal.")
    private String actor = OperatorAudit.operator();

    public String reason() {
        return reason;
    }

    public String actor() {
        return actor;
    }
}
