package io.hongbao.cli.top;

import io.hongbao.cli.text.Table;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The board as text. */
final class Screen {
    private static final String NOTHING = "–";
    private static final double FEN_PER_YUAN = 100;
    /** From here on a rate is shown without decimals. */
    private static final double MANY = 100;

    private Screen() {}

    static String of(Board board) {
        var text = new StringBuilder();
        var steps = Table.indented("  ")
                .left("step")
                .right("a second")
                .right("p50 ms")
                .right("p99 ms")
                .left("of")
                .right("failing/s");
        board.steps()
                .forEach(step -> steps.row(
                        step.step(),
                        number(step.perSecond()),
                        number(step.p50Ms()),
                        number(step.p99Ms()),
                        step.timed(),
                        number(step.failing())));
        text.append(steps).append('\n');

        Board.Batches batches = board.batches();
        text.append("  batches  %s/s of %s shares from %s packets · longest wait p99 %s ms · failed %s/s%n"
                .formatted(
                        number(batches.perSecond()),
                        number(batches.sharesMean()),
                        number(batches.packetsMean()),
                        number(batches.queueingP99Ms()),
                        number(batches.failed())));
        Board.Money money = board.money();
        text.append("  money    decided %s yuan/s · booked %s yuan/s · stuck %s · not conserved %s%n%n"
                .formatted(
                        number(money.decidedFen() / FEN_PER_YUAN),
                        number(money.bookedFen() / FEN_PER_YUAN),
                        number(money.stuck()),
                        number(money.notConserved())));

        var sets = Table.indented("  ")
                .left("SET")
                .left("answers")
                .left("new orders")
                .right("waiting")
                .right("in memory")
                .right("outbox")
                .right("oldest s");
        board.sets()
                .forEach(set -> sets.row(
                        set.set(),
                        word(set.answers(), "yes", "NO"),
                        word(set.takesOrders(), "yes", "NO"),
                        number(set.waiting()),
                        number(set.remembered()),
                        number(set.outboxBatches()),
                        number(set.outboxOldestSeconds())));
        text.append(sets).append('\n');

        var processes = Table.indented("  ")
                .left("process")
                .right("cores")
                .right("heap MB")
                .left("records behind in Kafka");
        for (Board.Process process : board.processes()) {
            processes.row(
                    process.process(),
                    String.format(Locale.ROOT, "%.2f", process.cpuCores()),
                    number((double) Math.round(process.heapMb())),
                    board.consumers().stream()
                            .filter(consumer -> consumer.service().equals(process.process()))
                            .map(consumer -> consumer.consumer() + " " + number(consumer.recordsBehind()))
                            .reduce((a, b) -> a + " · " + b)
                            .orElse(""));
        }
        board.silent().forEach(name -> processes.row(name, NOTHING, NOTHING, "DOES NOT ANSWER"));
        return text.append(processes).toString();
    }

    private static String word(@Nullable Boolean said, String yes, String no) {
        return said == null ? NOTHING : said ? yes : no;
    }

    static String number(@Nullable Double value) {
        if (value == null) {
            return NOTHING;
        }
        boolean whole = value >= MANY || value == Math.rint(value);
        return String.format(Locale.ROOT, whole ? "%,.0f" : "%.1f", value);
    }
}
