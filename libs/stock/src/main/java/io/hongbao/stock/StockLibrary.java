package io.hongbao.stock;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The text of the Redis function library {@code hongbao}: what is loaded is exactly the file {@code hongbao.lua}. */
final class StockLibrary {
    static final String TEXT = read();

    private StockLibrary() {}

    private static String read() {
        try (InputStream text = StockLibrary.class.getResourceAsStream("hongbao.lua")) {
            if (text == null) {
                throw new IllegalStateException("hongbao.lua is missing from the jar");
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
