package io.hongbao.cli.up;

import io.hongbao.cli.stack.StoreAddresses;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parent of commands that are about a running stack; does nothing by itself. */
public abstract class StackCommands implements Runnable {
    private final String usage;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RegionOption region = new RegionOption();

    /** @param usage what to say instead of the parent's name alone */
    protected StackCommands(String usage) {
        this.usage = usage;
    }

    @Override
    public final void run() {
        throw wrong(usage);
    }

    /** Ends the command with its usage below these words. */
    protected final ParameterException wrong(String words) {
        return new ParameterException(spec.commandLine(), words);
    }

    protected final RegionOption region() {
        return region;
    }

    /** Of the running stack of the region that was given, or else of the north. */
    protected final StoreAddresses stores() {
        return region.stack().stores();
    }

    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
