package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import io.hongbao.core.set.SuffixRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the stores of a deployment are, as a properties file tells. Secrets are in files that it names, never in it:
 *
 * <pre>
 * region=1
 * sets.set-a.range=00-49
 * sets.set-a.url=postgresql://pg-a:5432/orders       several hosts, separated by commas: the primary is asked
 * sets.set-a.username-file=/secrets/set-a/username   or sets.set-a.username
 * sets.set-a.password-file=/secrets/set-a/password
 * control.url=…  ledger.url=…  records.url=…  cold.url=…, each with its files
 * redis.url=redis://redis:6379                       rediss for TLS; absent: stock is not compared
 * redis.password-file=/secrets/redis/password        absent: Redis asks for none
 * </pre>
 *
 * @param region whose stores these are
 */
public record StoresFile(Region region, StoreAddresses stores) {
    private static final Pattern SET_KEY = Pattern.compile("sets\\.([^.]+)\\..+");

    /** @throws CommandFailure which names the key that is missing or wrong */
    public static StoresFile read(Path file) {
        var settings = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            settings.load(reader);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e.getMessage(), e);
        }
        return new Reader(file, settings).read();
    }

    private record Reader(Path file, Properties settings) {
        StoresFile read() {
            settings.stringPropertyNames().stream()
                    .filter(key -> key.endsWith(".password"))
                    .findFirst()
                    .ifPresent(key -> {
                        throw wrong(key, "secrets come by file: " + key + "-file");
                    });
            var sets = new LinkedHashMap<String, Database>();
            var ranges = new LinkedHashMap<String, String>();
            var names = new TreeSet<String>();
            for (String key : settings.stringPropertyNames()) {
                Matcher set = SET_KEY.matcher(key);
                if (set.matches()) {
                    names.add(set.group(1));
                }
            }
            if (names.isEmpty()) {
                throw wrong("sets.<name>.url", "at least one SET is needed");
            }
            for (String name : names) {
                String range = required("sets." + name + ".range");
                try {
                    SuffixRange.parse(range);
                } catch (IllegalArgumentException e) {
                    throw wrong("sets." + name + ".range", String.valueOf(e.getMessage()));
                }
                ranges.put(name, range);
                sets.put(name, database("sets." + name));
            }
            return new StoresFile(
                    region(),
                    new StoreAddresses(
                            sets,
                            ranges,
                            database("control"),
                            database("ledger"),
                            database("records"),
                            database("cold"),
                            redis(),
                            ""));
        }

        private Region region() {
            String digit = required("region");
            return Arrays.stream(Region.values())
                    .filter(region -> digit.equals(Integer.toString(region.digit())))
                    .findFirst()
                    .orElseThrow(() -> wrong("region", "1 is north, 2 is south"));
        }

        private Database database(String name) {
            String url = required(name + ".url").replaceFirst("^jdbc:", "");
            if (!url.startsWith("postgresql://")) {
                throw wrong(name + ".url", "it begins with postgresql://");
            }
            String hosts = url.substring("postgresql://".length()).replaceFirst("[/?].*", "");
            String primary = hosts.contains(",") && !url.contains("targetServerType=")
                    ? (url.contains("?") ? "&" : "?") + "targetServerType=primary"
                    : "";
            return new Database(
                    "jdbc:" + url + primary,
                    url,
                    settings.containsKey(name + ".username")
                            ? required(name + ".username")
                            : secret(name + ".username-file"),
                    secret(name + ".password-file"));
        }

        /** With the password before the host, as {@link RedisWire} takes it. */
        private String redis() {
            String url = settings.getProperty("redis.url", "").strip();
            if (!url.matches("(rediss?://[^/@,]+/?)?")) {
                throw wrong("redis.url", "it is redis://HOST:PORT, one host, without a password");
            }
            return settings.containsKey("redis.password-file")
                    ? url.replaceFirst("://", Matcher.quoteReplacement("://:" + secret("redis.password-file") + "@"))
                    : url;
        }

        private String required(String key) {
            String value = settings.getProperty(key, "").strip();
            if (value.isEmpty()) {
                throw wrong(key, "it is missing");
            }
            return value;
        }

        private String secret(String key) {
            Path secret = Path.of(required(key));
            try {
                return Files.readString(secret).strip();
            } catch (NoSuchFileException none) {
                throw wrong(key, "there is no file " + secret);
            } catch (IOException e) {
                throw wrong(key, "the file cannot be read: " + e.getMessage());
            }
        }

        private CommandFailure wrong(String key, String what) {
            return new CommandFailure(file + ": " + key + ": " + what);
        }
    }
}
