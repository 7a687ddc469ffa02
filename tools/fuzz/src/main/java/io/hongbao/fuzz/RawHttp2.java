package io.hongbao.fuzz;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Frames of HTTP/2 (RFC 9113), written as one likes: for callers that keep to no rule of the wire. */
public final class RawHttp2 {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;

    public static final int NO_FLAGS = 0;
    public static final int ACK = 1;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;

    public static final int NO_STREAM = 0;

    public static final int REFUSED_STREAM = 7;
    public static final int CANCEL = 8;
    public static final int ENHANCE_YOUR_CALM = 11;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What is written, whether it is read or not. */
    @FunctionalInterface
    public interface Flood {
        void into(OutputStream out) throws IOException;
    }

    private RawHttp2() {}

    /** Begins a connection, with settings as they are without any. */
    public static void begin(OutputStream out) throws IOException {
        out.write(PREFACE);
        write(out, SETTINGS, NO_FLAGS, NO_STREAM, new byte[0]);
        out.flush();
    }

    /** The headers of a gRPC call, whose message is still to come. @param method as in {@code /package.Service/Method} */
    public static void call(OutputStream out, int stream, String method) throws IOException {
        write(out, HEADERS, END_HEADERS, stream, headers(method));
    }

    /** The one message of a gRPC call, and the end of what its client says. */
    public static void message(OutputStream out, int stream, byte[] message) throws IOException {
        byte[] prefixed = ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
        write(out, DATA, END_STREAM, stream, prefixed);
    }

    /** Resets a stream, for no reason but to. */
    public static void cancel(OutputStream out, int stream) throws IOException {
        write(
                out,
                RST_STREAM,
                NO_FLAGS,
                stream,
                ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    /** One frame. */
    public static void write(OutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >>> 16))
                .put((byte) (payload.length >>> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
    }

    /** Writes all of a flood, or what the server takes before it hangs up, as it should. */
    public static void flood(Socket socket, Flood flood) {
        try {
            var out = new BufferedOutputStream(socket.getOutputStream(), 1 << 14);
            flood.into(out);
            out.flush();
        } catch (IOException hungUp) {
            // As it should.
        }
    }

    /** HPACK's simplest form: literal fields without indexing and without Huffman code. */
    private static byte[] headers(String path) {
        var block = ByteBuffer.allocate(512);
        String[][] fields = {
            {":method", "POST"},
            {":scheme", "http"},
            {":path", path},
            {":authority", "localhost"},
            {"content-type", "application/grpc"},
            {"te", "trailers"}
        };
        for (String[] field : fields) {
            block.put((byte) 0);
            for (String text : field) {
                block.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return Arrays.copyOf(block.array(), block.position());
    }
}
