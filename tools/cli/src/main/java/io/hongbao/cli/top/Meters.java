package io.hongbao.cli.top;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Pattern;

/** What services said of themselves at one moment, in Prometheus' text format. Pods of a service are put together. */
public record Meters(List<Sample> samples) {
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** @param labels none of them escaped: no meter here has a label with quotes in it */
    public record Sample(String name, Map<String, String> labels, double value) {
        boolean is(String wanted, Map<String, String> having) {
            return name.equals(wanted) && labels.entrySet().containsAll(having.entrySet());
        }
    }

    static Meters parse(String text) {
        var samples = new ArrayList<Sample>();
        text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Meters::sample)
                .forEach(samples::add);
        return new Meters(List.copyOf(samples));
    }

    private static Sample sample(String line) {
        int brace = line.indexOf('{');
        int end = line.lastIndexOf('}');
        String name = brace < 0 ? line.substring(0, line.indexOf(' ')) : line.substring(0, brace);
        var labels = new HashMap<String, String>();
        if (brace >= 0) {
            LABEL.matcher(line.substring(brace + 1, end))
                    .results()
                    .forEach(label -> labels.put(label.group(1), label.group(2)));
        }
        String value =
                line.substring(brace < 0 ? name.length() : end + 1).strip().split(" ", 2)[0];
        return new Sample(name, Map.copyOf(labels), number(value));
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    Meters and(Meters others) {
        var all = new ArrayList<>(samples);
        all.addAll(others.samples);
        return new Meters(List.copyOf(all));
    }

    double sum(String name, Map<String, String> labels) {
        return samples.stream()
                .filter(sample -> sample.is(name, labels))
                .mapToDouble(Sample::value)
                .filter(value -> !Double.isNaN(value))
                .sum();
    }

    /** Nothing if no service has such a meter, which is not the same as 0. */
    public OptionalDouble reduce(String name, Map<String, String> labels, DoubleBinaryOperator by) {
        return samples.stream()
                .filter(sample -> sample.is(name, labels))
                .mapToDouble(Sample::value)
                .filter(value -> !Double.isNaN(value))
                .reduce(by);
    }

    /** The values that a label has. */
    Set<String> values(String name, String label) {
        var values = new TreeSet<String>();
        for (Sample sample : samples) {
            String value = sample.labels.get(label);
            if (sample.name.equals(name) && value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** Grown since then; a counter that fell began anew, with its service. */
    double since(Meters earlier, String name, Map<String, String> labels) {
        double before = earlier.sum(name, labels);
        double now = sum(name, labels);
        return now >= before ? now - before : now;
    }

    /**
     * A quantile of a histogram's growth, by linear interpolation in its bucket, as Prometheus does it. Nothing if nothing
     * was recorded.
     *
     * @param timer without {@code _bucket}
     */
    OptionalDouble quantile(Meters earlier, String timer, double quantile) {
        String name = timer + "_bucket";
        var buckets = new TreeMap<Double, Double>();
        for (String bound : values(name, "le")) {
            buckets.put(number(bound), since(earlier, name, Map.of("le", bound)));
        }
        double count = buckets.isEmpty() ? 0 : buckets.lastEntry().getValue();
        if (count <= 0) {
            return OptionalDouble.empty();
        }
        double rank = quantile * count;
        double lower = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            double upper = bucket.getKey();
            double upTo = bucket.getValue();
            if (upTo >= rank) {
                if (Double.isInfinite(upper)) {
                    return OptionalDouble.of(lower);
                }
                double inside = upTo - below;
                return OptionalDouble.of(inside <= 0 ? upper : lower + (upper - lower) * (rank - below) / inside);
            }
            lower = upper;
            below = upTo;
        }
        return OptionalDouble.of(lower);
    }
}
