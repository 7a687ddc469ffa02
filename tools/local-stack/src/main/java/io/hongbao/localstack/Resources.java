package io.hongbao.localstack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Files inside the jars. */
final class Resources {
    private Resources() {}

    /** A text beside this class. */
    static String text(String name) {
        try (var in = open("io/hongbao/localstack/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Any file on the class path. */
    static InputStream open(String path) {
        var in = Resources.class.getClassLoader().getResourceAsStream(path);
        if (in == null) {
            throw new IllegalStateException("The local stack has servers for Linux on x86-64 and arm64 only: no " + path
                    + " on the class path.");
        }
        return in;
    }

    /** The jar's name without its ending, which names the version of what is inside: {@code thing-1.2.3}. */
    static String jarName(String path) {
        var url = Resources.class.getClassLoader().getResource(path);
        if (url == null) {
            return "unknown";
        }
        var jar = url.getPath().substring(0, Math.max(0, url.getPath().indexOf(".jar!")));
        return jar.substring(jar.lastIndexOf('/') + 1);
    }
}
