package io.hongbao.cli.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Opens per second as horizontal bars, one group for each load, with the range of the rounds. A plain SVG. */
final class BarChart {
    private static final int WIDTH = 860;
    private static final int LABEL_WIDTH = 190;
    private static final int VALUE_WIDTH = 120;
    private static final int BAR_HEIGHT = 22;
    private static final int ROW_HEIGHT = 32;
    private static final int TITLE_HEIGHT = 40;
    private static final String OURS = "#c8102e";
    private static final String SAFE = "#7a7a7a";
    private static final String MAY_LOSE = "#d9b26f";

    private BarChart() {}

    static String of(List<PeersBench.Row> rows) {
        double most = rows.stream()
                .flatMap(row -> row.rounds().stream())
                .mapToDouble(Figures::perSecond)
                .max()
                .orElse(1);
        List<String> loads = rows.stream().map(PeersBench.Row::load).distinct().toList();
        var svg = new StringBuilder();
        int y = 0;
        for (String load : loads) {
            svg.append(text(8, y + 26, 15, "bold", "start", load.equals("hot") ? "One hot packet" : load + " packets"));
            y += TITLE_HEIGHT;
            for (PeersBench.Row row :
                    rows.stream().filter(r -> r.load().equals(load)).toList()) {
                svg.append(bar(row, y, (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / Math.max(1, most)));
                y += ROW_HEIGHT;
            }
        }
        svg.append(text(
                8,
                y + 26,
                11,
                "normal",
                "start",
                "Opens per second: median, and range of the rounds. Red and grey: durable before the answer."
                        + " Yellow: may lose what it answered."));
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
                font-family="sans-serif">
                <rect width="%1$d" height="%2$d" fill="white"/>
                %3$s</svg>
                """, WIDTH, y + TITLE_HEIGHT, svg);
    }

    private static String bar(PeersBench.Row row, int y, double pixelsPerOpen) {
        double median = row.median().perSecond() * pixelsPerOpen;
        var range = row.rounds().stream().collect(Collectors.summarizingDouble(Figures::perSecond));
        double low = LABEL_WIDTH + range.getMin() * pixelsPerOpen;
        double high = LABEL_WIDTH + range.getMax() * pixelsPerOpen;
        int middle = y + BAR_HEIGHT / 2;
        String colour = row.mode() == PeerMode.OURS
                ? OURS
                : row.mode().durability().equals(Durability.MAY_LOSE) ? MAY_LOSE : SAFE;
        return text(LABEL_WIDTH - 8, middle + 4, 13, "normal", "end", row.mode().title())
                + String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
                        LABEL_WIDTH,
                        y,
                        Math.max(1, median),
                        BAR_HEIGHT,
                        colour)
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
                        String.format(Locale.ROOT, "%,.0f", row.median().perSecond()));
    }

    private static String text(int x, int y, int size, String weight, String anchor, String words) {
        return "<text x=\"%d\" y=\"%d\" font-size=\"%d\" font-weight=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(x, y, size, weight, anchor, words);
    }
}
