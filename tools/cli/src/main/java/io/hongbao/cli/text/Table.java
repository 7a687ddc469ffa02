package io.hongbao.cli.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Rows under a heading, each column as wide as its widest cell. */
public final class Table {
    private static final String GAP = "  ";

    private enum Align {
        LEFT,
        RIGHT
    }

    private final String indent;
    private final List<String> headings = new ArrayList<>();
    private final List<Align> aligns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private Table(String indent) {
        this.indent = indent;
    }

    /** @param indent what every line begins with */
    public static Table indented(String indent) {
        return new Table(indent);
    }

    public Table left(String heading) {
        return column(heading, Align.LEFT);
    }

    /** A column of numbers. */
    public Table right(String heading) {
        return column(heading, Align.RIGHT);
    }

    private Table column(String heading, Align align) {
        headings.add(heading);
        aligns.add(align);
        return this;
    }

    /** @param cells one for each column */
    public Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " columns");
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).toList());
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, each ended by a line feed and without trailing blanks. */
    @Override
    public String toString() {
        int[] widths = new int[headings.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    DisplayWidth.of(headings.get(i)),
                    rows.stream()
                            .mapToInt(row -> DisplayWidth.of(row.get(column)))
                            .max()
                            .orElse(0));
        }
        var lines = new StringBuilder();
        if (headings.stream().anyMatch(heading -> !heading.isEmpty())) {
            append(lines, headings, widths);
            append(lines, rules(widths), widths);
        }
        rows.forEach(row -> append(lines, row, widths));
        return lines.toString();
    }

    /** A column without a heading has no rule either: its cells are remarks. */
    private List<String> rules(int[] widths) {
        return IntStream.range(0, widths.length)
                .mapToObj(i -> headings.get(i).isEmpty() ? "" : "─".repeat(widths[i]))
                .toList();
    }

    private void append(StringBuilder lines, List<String> cells, int[] widths) {
        var line = new StringBuilder(indent);
        for (int i = 0; i < cells.size(); i++) {
            String padding = " ".repeat(widths[i] - DisplayWidth.of(cells.get(i)));
            line.append(i == 0 ? "" : GAP);
            switch (aligns.get(i)) {
                case LEFT -> line.append(cells.get(i)).append(padding);
                case RIGHT -> line.append(padding).append(cells.get(i));
            }
        }
        lines.append(line.toString().stripTrailing()).append('\n');
    }
}
