package io.hongbao.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Operations per second as horizontal bars in groups, with the range of the rounds. A plain SVG. */
final class BarChart {
    private static final int WIDTH = 860;
    private static final int LABEL_WIDTH = 190;
    private static final int VALUE_WIDTH = 120;
    private static final int BAR_HEIGHT = 22;
    private static final int ROW_HEIGHT = 32;
    private static final int TITLE_HEIGHT = 40;
    private static final String CAPTION =
            "Per second: median, and range of the rounds. Yellow: may lose what it answered.";

    private BarChart() {}

    /** What a bar stands for. */
    enum Tone {
        /** What the project does. */
        OURS("#c8102e"),
        /** What it is compared with. */
        OTHER("#7a7a7a"),
        /** What may lose what it answered. */
        MAY_LOSE("#d9b26f");

        private final String colour;

        Tone(String colour) {
            this.colour = colour;
        }
    }

    /** @param perSecond of each round, at least one */
    record Bar(String group, String label, Tone tone, List<Double> perSecond) {
        static Bar of(String group, String label, Tone tone, List<Figures> rounds) {
            return new Bar(
                    group, label, tone, rounds.stream().map(Figures::perSecond).toList());
        }

        double median() {
            return Figures.median(
                    perSecond.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** Writes the chart to a file. */
    static void write(Path file, List<Bar> bars) throws IOException {
        Files.writeString(file, of(bars));
    }

    static String of(List<Bar> bars) {
        double most = bars.stream()
                .flatMap(bar -> bar.perSecond.stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        List<String> groups = bars.stream().map(Bar::group).distinct().toList();
        var svg = new StringBuilder();
        int y = 0;
        for (String group : groups) {
            svg.append(text(8, y + 26, 15, "bold", "start", group));
            y += TITLE_HEIGHT;
            for (Bar bar : bars) {
                if (bar.group.equals(group)) {
                    svg.append(draw(bar, y, (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / Math.max(1, most)));
                    y += ROW_HEIGHT;
                }
            }
        }
        svg.append(text(8, y + 26, 11, "normal", "start", CAPTION));
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
                font-family="sans-serif">
                <rect width="%1$d" height="%2$d" fill="white"/>
                %3$s</svg>
                """, WIDTH, y + TITLE_HEIGHT, svg);
    }

    private static String draw(Bar bar, int y, double pixelsPerUnit) {
        double median = bar.median() * pixelsPerUnit;
        var range = bar.perSecond.stream().collect(Collectors.summarizingDouble(Double::doubleValue));
        double low = LABEL_WIDTH + range.getMin() * pixelsPerUnit;
        double high = LABEL_WIDTH + range.getMax() * pixelsPerUnit;
        int middle = y + BAR_HEIGHT / 2;
        return text(LABEL_WIDTH - 8, middle + 4, 13, "normal", "end", bar.label)
                + String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
                        LABEL_WIDTH,
                        y,
                        Math.max(1, median),
                        BAR_HEIGHT,
                        bar.tone.colour)
                + String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\"/>\n",
                        low,
                        middle,
                        high,
                        middle)
                + text(
                        (int) Math.max(high, LABEL_WIDTH + median) + 8,
                        middle + 4,
                        13,
                        "normal",
                        "start",
                        String.format(Locale.ROOT, "%,.0f", bar.median()));
    }

    private static String text(int x, int y, int size, String weight, String anchor, String words) {
        return "<text x=\"%d\" y=\"%d\" font-size=\"%d\" font-weight=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(x, y, size, weight, anchor, words);
    }
}
