package io.hongbao.cli.up;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code --region}, for every command that has to know which of two it is about. */
public final class RegionOption {
    @Option(names = "--region", scope = ScopeType.INHERIT, description = "Of two regions: ${COMPLETION-CANDIDATES}.")
    private @Nullable Region region;

    /** What was given. */
    public Optional<Region> given() {
        return Optional.ofNullable(region);
    }

    /**
     * The running stack of the region that was given, or else of the north.
     *
     * @throws CommandFailure if it is not running
     */
    public StackState stack() {
        return stackOf(given().orElse(Region.NORTH));
    }

    /** The running stack of the region that was given, or else of the one that the packet's number begins with. */
    public StackState stackOf(long packetId) {
        return stackOf(given().or(() -> Region.of(packetId)).orElse(Region.NORTH));
    }

    /** The running stack of the region that was given, or else all there are; at least one. */
    public List<StackState> stacks() {
        if (region != null) {
            return List.of(stackOf(region));
        }
        List<StackState> running = StackState.alive(ProjectHome.find());
        return running.isEmpty()
                ? List.of(stackOf(Region.NORTH))
                : running.stream().map(StackState::withJoinedSets).toList();
    }

    private static StackState stackOf(Region region) {
        List<StackState> running = StackState.alive(ProjectHome.find());
        if (running.isEmpty()) {
            throw new CommandFailure("no stack is running. Start one with: hongbao up --detach");
        }
        return running.stream()
                .filter(state -> state.region() == region)
                .findFirst()
                .map(StackState::withJoinedSets)
                .orElseThrow(() -> new CommandFailure("no stack of the " + region.word()
                        + " is running. Start both regions with: hongbao up --regions 2 --detach"));
    }
}
