package io.hongbao.cli.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoresFileTest {
    @TempDir
    Path folder;

    private String text = "";

    @BeforeEach
    void secrets() throws IOException {
        Files.writeString(folder.resolve("username"), "hongbao\n");
        Files.writeString(folder.resolve("password"), "s3cret\n");
        var file = new StringBuilder("region=2\nredis.url=redis://redis:6379\n");
        file.append("redis.password-file=").append(folder.resolve("password")).append('\n');
        file.append("sets.a.range=00-49\nsets.b.range=50-99\n");
        for (String name : new String[] {"sets.a", "sets.b", "control", "ledger", "records", "cold"}) {
            file.append("%1$s.url=postgresql://pg:5432/%1$s%n".formatted(name));
            file.append("%s.username-file=%s%n".formatted(name, folder.resolve("username")));
            file.append("%s.password-file=%s%n".formatted(name, folder.resolve("password")));
        }
        text = file.toString();
    }

    private StoresFile read(String content) throws IOException {
        return StoresFile.read(Files.writeString(folder.resolve("stores.properties"), content));
    }

    @Test
    void shouldTellWhereEachStoreIs() throws IOException {
        StoresFile file = read(text);

        assertEquals(Region.SOUTH, file.region());
        assertEquals(
                new Database("jdbc:postgresql://pg:5432/ledger", "postgresql://pg:5432/ledger", "hongbao", "s3cret"),
                file.stores().ledger());
        assertEquals("redis://:s3cret@redis:6379", file.stores().redisUrl());
    }

    @Test
    void shouldTellWhichDatabasesEachSetServes() throws IOException {
        StoreAddresses stores = read(text).stores();

        assertEquals(Map.of("a", "00-49", "b", "50-99"), stores.setRanges());
        assertEquals(Set.of("a", "b"), stores.sets().keySet());
    }

    @Test
    void shouldAskThePrimaryOfSeveralHosts() throws IOException {
        StoresFile file = read(text.replace("//pg:5432/ledger", "//pg-1:5432,pg-2:5432/ledger"));

        assertEquals(
                "jdbc:postgresql://pg-1:5432,pg-2:5432/ledger?targetServerType=primary",
                file.stores().ledger().jdbcUrl());
    }

    @Test
    void shouldDoWithoutRedis() throws IOException {
        assertEquals("", read(text.replaceAll("(?m)^redis.*\n", "")).stores().redisUrl());
    }

    /** What, by what it is replaced, and the key that is named. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "region=2 | region=3 | region",
                "sets.a.range=00-49 | x=y | sets.a.range",
                "sets.b.range=50-99 | sets.b.range=50-199 | sets.b.range",
                "control.url | y | control.url",
                "postgresql://pg:5432/cold | mysql://pg/cold | cold.url",
                "records.password-file | records.password | records.password",
                "redis://redis:6379 | redis://:x@redis:6379 | redis.url",
            })
    void shouldNameWhatIsWrong(String what, String by, String key) {
        var failure = assertThrows(CommandFailure.class, () -> read(text.replace(what, by)));

        assertTrue(String.valueOf(failure.getMessage()).contains(" " + key + ":"), failure.getMessage());
    }
}
