package io.hongbao.cli.promise;

import io.hongbao.cli.text.Table;

/** A verdict for people: each promise with its mark, then the breaches. */
public final class PromiseTable {
    /** More breaches than this are one fault told many times. */
    private static final int BREACHES_SHOWN_MAX = 20;

    private PromiseTable() {}

    public static String of(Verdict verdict) {
        var table = Table.indented("  ").left("").left("").left("");
        for (Promise promise : Promise.values()) {
            table.row(verdict.holds(promise) ? "✓" : "✗", promise, promise.title());
        }
        var text = new StringBuilder(table.toString());
        verdict.breaches().stream()
                .limit(BREACHES_SHOWN_MAX)
                .forEach(breach -> text.append("  ✗ ").append(breach).append('\n'));
        if (verdict.breaches().size() > BREACHES_SHOWN_MAX) {
            text.append("  … and ")
                    .append(verdict.breaches().size() - BREACHES_SHOWN_MAX)
                    .append(" more\n");
        }
        return text.toString();
    }
}
