package io.hongbao.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.stack.ProjectHome;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The images of Maven and those of the container files start a service alike. */
class ImagesTest {
    private static final Path ROOT = ProjectHome.find().root();

    /** What only the container file has: its cache is made by the image's own JVM. */
    private static final String CACHE = "-XX:AOTCache=/app/service.aot,";

    private final Properties jib = new Properties();

    ImagesTest() throws IOException {
        jib.load(new StringReader(Files.readString(
                ROOT.resolve("libs/service-kit/src/main/resources/META-INF/microprofile-config.properties"))));
    }

    @Test
    void shouldStartAServiceAlikeButForTheCache() throws IOException {
        String file = last("ENTRYPOINT ", "Dockerfile.jvm").replaceAll("[\\[\\]\" ]", "");

        assertTrue(file.contains(CACHE));
        assertEquals(file.replace(CACHE, ""), jib.getProperty("quarkus.jib.jvm-entrypoint"));
    }

    @Test
    void shouldRunAsTheSameUserOnTheSameBase() throws IOException {
        for (String file : List.of("Dockerfile.jvm", "Dockerfile.native", "Dockerfile.cli")) {
            assertEquals(last("USER ", file), jib.getProperty("quarkus.jib.user"));
        }
        assertEquals(last("ARG BASE=", "Dockerfile.jvm"), jib.getProperty("quarkus.jib.base-jvm-image"));
        assertEquals(last("ARG BASE=", "Dockerfile.native"), jib.getProperty("quarkus.jib.base-native-image"));
    }

    private static String last(String instruction, String file) throws IOException {
        return Files.readAllLines(ROOT.resolve("images").resolve(file)).stream()
                .filter(line -> line.startsWith(instruction))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .substring(instruction.length());
    }
}
