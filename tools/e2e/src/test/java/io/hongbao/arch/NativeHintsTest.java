package io.hongbao.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hongbao.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a native executable does not find unless it is told: nothing but a run of one would notice otherwise. */
class NativeHintsTest {
    private static final Path LIBS = ProjectHome.find().root().resolve("libs");

    @Test
    void shouldListEveryServiceFileAndItsProviders() throws IOException {
        var missing = new ArrayList<String>();
        List<Path> files = find("META-INF/services");
        assertFalse(files.isEmpty());

        for (Path file : files) {
            Path resources = file.getParent().getParent().getParent();
            String hints = hints(resources);
            if (!hints.contains("META-INF/services/" + file.getFileName())) {
                missing.add(file.toString());
            }
            Files.readAllLines(file).stream()
                    .filter(provider -> !provider.isBlank() && !hints.contains("\"" + provider + "\""))
                    .forEach(missing::add);
        }

        assertEquals(List.of(), missing);
    }

    private static List<Path> find(String folder) throws IOException {
        try (var all = Files.walk(LIBS)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("src/main/resources/" + folder + "/"))
                    .toList();
        }
    }

    /** All of a library's hints for native-image, as one text. */
    private static String hints(Path resources) throws IOException {
        var text = new StringBuilder();
        try (var all = Files.walk(resources.resolve("META-INF/native-image"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }
}
