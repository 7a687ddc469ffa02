package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.promise.Breach;
import io.hongbao.cli.promise.Promise;
import io.hongbao.cli.promise.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs a drill from a seed, within a time limit, and has the promises checked when it is over. */
public final class DrillRunner {
    /** A drill takes a minute or two; what takes longer hangs. */
    private static final Duration TIME_MAX = Duration.ofMinutes(10);
    /** More breaches than this are one fault told many times. */
    private static final int BREACHES_TOLD_MAX = 20;

    private DrillRunner() {}

    /**
     * @param loadTime of one phase of load
     * @param progress hears what happens, line by line
     */
    public static DrillReport run(Drill drill, long seed, Duration loadTime, Consumer<String> progress)
            throws InterruptedException {
        progress.accept("drill %s, seed %d".formatted(drill.name(), seed));
        try (var context = new DrillContext(seed, loadTime, progress)) {
            var promises = new LinkedHashMap<String, Boolean>();
            var work = new FutureTask<List<Verdict>>(() -> {
                drill.run(context);
                context.say("checking the promises");
                return context.verdicts();
            });
            Thread thread = Thread.ofPlatform().name("drill " + drill.name()).start(work);
            var problems = new ArrayList<String>();
            try {
                promises.putAll(promises(work.get(TIME_MAX.toSeconds(), TimeUnit.SECONDS), problems));
            } catch (TimeoutException e) {
                thread.interrupt();
                problems.add("not over after " + TIME_MAX.toMinutes() + " minutes");
            } catch (ExecutionException e) {
                problems.add(words(Objects.requireNonNullElse(e.getCause(), e), progress));
            }
            problems.addAll(0, context.problems());
            if (!problems.isEmpty()) {
                context.keepFolders();
            }
            return new DrillReport(drill.name(), seed, promises, List.copyOf(problems), context.figures());
        }
    }

    private static Map<String, Boolean> promises(List<Verdict> verdicts, List<String> problems) {
        var promises = new LinkedHashMap<String, Boolean>();
        for (Promise promise : Promise.values()) {
            promises.put(promise.name(), verdicts.stream().allMatch(verdict -> verdict.holds(promise)));
        }
        verdicts.stream()
                .flatMap(verdict -> verdict.breaches().stream())
                .limit(BREACHES_TOLD_MAX)
                .map(Breach::toString)
                .forEach(problems::add);
        return promises;
    }

    private static String words(Throwable failure, Consumer<String> progress) {
        return switch (failure) {
            case CommandFailure expected -> String.valueOf(expected.getMessage());
            case StatusRuntimeException refused -> CallFailure.of(refused).toString();
            default -> {
                for (StackTraceElement frame : failure.getStackTrace()) {
                    progress.accept("  at " + frame);
                }
                yield failure.toString();
            }
        };
    }
}
