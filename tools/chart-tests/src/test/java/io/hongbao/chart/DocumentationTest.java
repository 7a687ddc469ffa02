package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's table of values, the comments of values.yaml and the schema say the same. */
class DocumentationTest {
    private static final Pattern COMMENT = Pattern.compile("^ *# -- (.*)$");
    private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z]+):.*$");
    private static final int INDENT = 2;

    private record Value(String path, String description) {}

    @Test
    void shouldListEveryValueInTheReadme() throws IOException {
        String readme = Files.readString(Chart.HOME.resolve("README.md"));

        for (Value value : described()) {
            assertTrue(readme.contains("| `" + value.path() + "` |"), value.path());
            assertTrue(readme.contains(value.description()), value.description());
        }
    }

    @Test
    void shouldDescribeEveryValueOfTheSchema() throws IOException {
        JsonNode schema = new ObjectMapper()
                .readTree(Chart.HOME.resolve("values.schema.json").toFile());
        List<String> described = described().stream().map(Value::path).toList();

        var undescribed = new ArrayList<String>();
        collect("", schema, described, undescribed);

        assertEquals(List.of("global"), undescribed);
    }

    @Test
    void shouldHaveEveryDescribedValueInTheSchema() throws IOException {
        JsonNode schema = new ObjectMapper()
                .readTree(Chart.HOME.resolve("values.schema.json").toFile());

        for (Value value : described()) {
            String pointer = "/properties/" + value.path().replace(".", "/properties/");
            assertTrue(!schema.at(pointer).isMissingNode(), value.path());
        }
    }

    @Test
    void shouldBeReadableAsYaml() throws IOException {
        assertTrue(new ObjectMapper(new YAMLFactory())
                .readTree(Chart.HOME.resolve("values.yaml").toFile())
                .isObject());
    }

    /** Leaves of the schema that no comment describes, neither themselves nor what they are part of. */
    private static void collect(String path, JsonNode schema, List<String> described, List<String> undescribed) {
        if (described.contains(path)) {
            return;
        }
        JsonNode properties = schema.path("properties");
        if (properties.isEmpty()) {
            undescribed.add(path);
        }
        properties
                .properties()
                .forEach(entry -> collect(
                        path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                        entry.getValue(),
                        described,
                        undescribed));
    }

    /** The values with a comment that begins with two dashes, and its first line. */
    private static List<Value> described() throws IOException {
        var values = new ArrayList<Value>();
        var path = new ArrayList<String>();
        String description = null;
        for (String line : Files.readAllLines(Chart.HOME.resolve("values.yaml"))) {
            var comment = COMMENT.matcher(line);
            var key = KEY.matcher(line);
            if (comment.matches()) {
                description = comment.group(1);
            } else if (key.matches()) {
                int depth = key.group(1).length() / INDENT;
                while (path.size() > depth) {
                    path.removeLast();
                }
                path.add(key.group(2));
                if (description != null) {
                    values.add(new Value(String.join(".", path), description));
                    description = null;
                }
            }
        }
        return values;
    }
}
