package io.hongbao.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The chart in this tree, rendered by Helm itself. */
final class Chart {
    static final Path HOME = Path.of(System.getProperty("basedir", ""), "..", "..", "helm", "hongbao")
            .toAbsolutePath()
            .normalize();
    static final Path NORTH = HOME.resolve("values-north.yaml");
    static final Path SOUTH = HOME.resolve("values-south.yaml");

    static final String RELEASE = "prod";
    static final String NAMESPACE = "hongbao";
    /** Names of the release's objects begin with it. */
    static final String PREFIX = "prod-hongbao-";
    /** The oldest Kubernetes the chart says it works with. */
    private static final String KUBERNETES = "1.30.0";

    /** Helm's name for what runs before, after and beside a release. */
    private static final String HOOK = "helm.sh/hook:";
    /** The same annotation under a name that means nothing to Helm. */
    static final String HOOK_IN_TESTS = "hongbao.io/hook";

    private static final Path WITH_HOOKS = withHooks();

    private Chart() {}

    /**
     * A copy of the chart whose hooks are common objects: the library renders a release without its hooks. All else is
     * as it is.
     */
    private static Path withHooks() {
        try (var files = Files.walk(HOME)) {
            Path copy = Files.createTempDirectory("chart").resolve(HOME.getFileName());
            for (Path file : files.toList()) {
                Path target = copy.resolve(HOME.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.writeString(target, Files.readString(file).replace(HOOK, HOOK_IN_TESTS + ":"));
                }
            }
            return copy;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static LintResult lint() {
        return new Helm(HOME).lint().strict().call();
    }

    /** Every example of a whole region's values. */
    static List<Path> examples() {
        try (var files = Files.newDirectoryStream(HOME, "values-*.yaml")) {
            var examples = new ArrayList<Path>();
            files.forEach(examples::add);
            return examples;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The change that takes mutual TLS from an example. */
    static final String PLAIN = "tls: {enabled: false}";

    /** The objects of the north's example, with some values changed. @param changes YAML */
    static Rendered north(String... changes) {
        return render(NORTH, changes);
    }

    /** @param changes YAML, the last one wins */
    static Rendered render(Path values, String... changes) {
        var command = new Helm(WITH_HOOKS)
                .template()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .withValuesFile(values);
        for (String change : changes) {
            command.withValuesFile(file(change));
        }
        return Rendered.parse(command.call());
    }

    /** What Helm prints after an install, with some values changed. */
    static String notes(String... changes) {
        var command = new Helm(HOME)
                .install()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .clientOnly()
                .dryRun()
                .withValuesFile(NORTH);
        for (String change : changes) {
            command.withValuesFile(file(change));
        }
        return command.call().getOutput();
    }

    /** Helm reads values from files only. */
    private static Path file(String yaml) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, yaml);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
