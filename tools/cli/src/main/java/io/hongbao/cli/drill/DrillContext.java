package io.hongbao.cli.drill;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.promise.Verdict;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.Region;
import io.hongbao.cli.stack.RegionStacks;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackOptions;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a drill is given, and where it puts what it finds.
 *
 * <pre>{@code
 * DrillStack stack = drill.start();
 * LoadWindow before = stack.load().measure(drill.loadTime());
 * stack.servers().signal("pg.set-a", "KILL");
 * long millis = drill.await("orders in set-b only", Duration.ofSeconds(5), () -> …);
 * drill.figure("repick_ms", millis);
 * drill.require(millis < 1_000, "set-a got orders for " + millis + " ms");
 * }</pre>
 */
public final class DrillContext implements AutoCloseable {
    /** Between two looks of {@link #await}. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final long seed;
    private final Duration loadTime;
    private final Consumer<String> progress;
    private final List<DrillStack> stacks = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<Callable<?>> ends = new ArrayList<>();
    private final Map<String, Object> figures = new LinkedHashMap<>();

    DrillContext(long seed, Duration loadTime, Consumer<String> progress) {
        this.seed = seed;
        this.loadTime = loadTime;
        this.progress = progress;
    }

    /** How long one phase of load is to be, {@code --seconds}. */
    public Duration loadTime() {
        return loadTime;
    }

    /** Repeats the choices of a run. */
    public long seed() {
        return seed;
    }

    /** One line for whoever watches. */
    public void say(String line) {
        progress.accept(line);
    }

    /** Two SETs, each service once, temporary data. It ends with the drill. */
    public DrillStack start() throws IOException, InterruptedException {
        return start(options());
    }

    /** What {@link #start()} starts, to be changed. */
    public StackOptions options() {
        return StackOptions.temporary(ProjectHome.find());
    }

    /** Another stack, or more than one. Each ends with the drill, and the promises are checked in each. */
    public DrillStack start(StackOptions options) throws IOException, InterruptedException {
        var stack = new DrillStack(RunningStack.start(options, progress), options.sets(), seed);
        stacks.add(stack);
        return stack;
    }

    /** North and south. Both end with the drill, and the promises are checked in each. */
    public Map<Region, DrillStack> startRegions() throws IOException, InterruptedException {
        StackOptions options = options();
        RegionStacks started = RegionStacks.both(options, progress);
        var regions = new EnumMap<Region, DrillStack>(Region.class);
        for (Region region : started.regions()) {
            var stack = new DrillStack(started.of(region), () -> started.stores(region), options.sets(), seed);
            stacks.add(stack);
            regions.put(region, stack);
        }
        return regions;
    }

    /** A figure for the report. */
    public void figure(String name, Object value) {
        figures.put(name, value);
        say("%s: %s".formatted(name, value));
    }

    /** A window of load for the report. */
    public void figures(String name, LoadWindow window) {
        figures.put(name, window.toJson());
        say("%s: %s".formatted(name, window));
    }

    /** What must be so. The drill goes on if it is not, and has failed. */
    public void require(boolean so, String otherwise) {
        if (!so) {
            problems.add(otherwise);
            say("✗ " + otherwise);
        }
    }

    /**
     * Waits until something is so. An exception counts as not yet.
     *
     * @return how long it took, milliseconds
     * @throws CommandFailure if it takes longer than {@code max}: the drill has failed
     */
    public long await(String what, Duration max, Callable<Boolean> so) throws InterruptedException {
        long begunNanos = System.nanoTime();
        String cause = "";
        while (System.nanoTime() - begunNanos < max.toNanos()) {
            try {
                if (so.call()) {
                    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
                }
                cause = "";
            } catch (InterruptedException end) {
                throw end;
            } catch (Exception notYet) {
                cause = ": " + notYet.getMessage();
            }
            Thread.sleep(POLL_INTERVAL);
        }
        throw new CommandFailure("waited %.1f s in vain for %s%s".formatted(max.toMillis() / 1e3, what, cause));
    }

    List<String> problems() {
        return problems;
    }

    Map<String, Object> figures() {
        return figures;
    }

    /** Ends the loads, lets all settle, and checks every answer and every row of every stack. */
    List<Verdict> verdicts() throws InterruptedException, SQLException {
        for (DrillStack stack : stacks) {
            stack.stopLoad();
        }
        var verdicts = new ArrayList<Verdict>();
        for (DrillStack stack : stacks) {
            verdicts.add(stack.settledVerdict());
        }
        return verdicts;
    }

    /** Leaves the logs behind: something went wrong. */
    void keepFolders() {
        for (DrillStack stack : stacks) {
            stack.running().keepFolder();
            say("logs: " + stack.running().folder());
        }
    }

    /** What is left to do when all has ended, whatever the outcome. */
    void atEnd(Callable<?> last) {
        ends.add(last);
    }

    @Override
    public void close() {
        stacks.forEach(DrillStack::close);
        for (Callable<?> last : ends) {
            try {
                last.call();
            } catch (Exception left) {
                say("left behind: " + left);
            }
        }
    }
}
