package io.hongbao.cli.stack;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Redis' own protocol (RESP 2), as far as it takes to prepare packets and to look at them: commands, pipelined. */
public final class RedisWire implements AutoCloseable {
    /** Commands on their way at once: their answers fit into the buffers of the socket. */
    private static final int PIPELINE_MAX = 500;

    private static final int DEFAULT_PORT = 6379;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** @param url {@code redis://host:port} or {@code redis://:password@host:port}; {@code rediss} for TLS */
    public RedisWire(String url) throws IOException {
        // Not by URI: a password may hold what a URI may not.
        int at = url.lastIndexOf('@');
        boolean tls = url.startsWith("rediss:");
        URI address = URI.create("redis://" + url.substring(at >= 0 ? at + 1 : url.indexOf("://") + 3));
        int port = address.getPort() > 0 ? address.getPort() : DEFAULT_PORT;
        socket = tls ? secured(address.getHost(), port) : new Socket(address.getHost(), port);
        in = new BufferedInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream());
        if (at >= 0) {
            send(List.of(List.of("AUTH", url.substring(url.indexOf("://:") + "://:".length(), at))));
        }
    }

    /** A server with a certificate of that name, by an authority that the JVM trusts. */
    private static Socket secured(String host, int port) throws IOException {
        var secured = (SSLSocket) SSLSocketFactory.getDefault().createSocket(host, port);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        return secured;
    }

    /** @return the answers in order: Long, String, List, or an empty string for nothing */
    public List<Object> send(List<List<String>> commands) throws IOException {
        var answers = new ArrayList<Object>(commands.size());
        for (int from = 0; from < commands.size(); from += PIPELINE_MAX) {
            List<List<String>> part = commands.subList(from, Math.min(commands.size(), from + PIPELINE_MAX));
            for (List<String> command : part) {
                write(command);
            }
            out.flush();
            for (int i = 0; i < part.size(); i++) {
                answers.add(read());
            }
        }
        return answers;
    }

    private void write(List<String> command) throws IOException {
        line("*" + command.size());
        for (String word : command) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            line("$" + bytes.length);
            out.write(bytes);
            line("");
        }
    }

    private void line(String text) throws IOException {
        out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private Object read() throws IOException {
        String line = readLine();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.parseLong(rest);
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> {
                var items = new ArrayList<Object>();
                for (int count = Integer.parseInt(rest); count > 0; count--) {
                    items.add(read());
                }
                yield items;
            }
            default -> throw new IOException("Redis: " + rest);
        };
    }

    private String bulk(int length) throws IOException {
        if (length < 0) {
            return "";
        }
        byte[] bytes = in.readNBytes(length);
        readLine();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String readLine() throws IOException {
        var line = new StringBuilder();
        for (int c; (c = in.read()) != '\n'; ) {
            if (c < 0) {
                throw new EOFException("Redis has gone");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
