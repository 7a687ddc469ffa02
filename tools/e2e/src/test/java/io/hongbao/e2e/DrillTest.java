package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.cli.drill.Drill;
import io.hongbao.cli.drill.DrillReport;
import io.hongbao.cli.drill.DrillRunner;
import io.hongbao.cli.drill.Drills;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Every drill, each on a stack of its own. {@code -Ddrill=NAME} runs one, {@code -Ddrill.seed=N} repeats its choices. */
@Tag("drill")
@DisabledIfSystemProperty(named = "quick", matches = ".*", disabledReason = "a quick build starts no servers")
class DrillTest {
    private static final Duration LOAD_TIME = Duration.ofSeconds(10);

    private final long seed = Long.getLong("drill.seed", new Random().nextInt(Integer.MAX_VALUE));

    @TestFactory
    Stream<DynamicTest> shouldPass() {
        String only = System.getProperty("drill", "");
        return Drills.ALL.stream()
                .filter(drill -> only.isEmpty() || drill.name().equals(only))
                .map(drill -> DynamicTest.dynamicTest(drill.name(), () -> run(drill)));
    }

    private void run(Drill drill) throws InterruptedException {
        DrillReport report =
                DrillRunner.run(drill, seed, LOAD_TIME, line -> System.out.println(drill.name() + ": " + line));
        assertEquals(List.of(), report.problems(), () -> "again with -Ddrill.seed=" + seed);
    }
}
