package io.hongbao.cli.call;

import com.google.protobuf.Timestamp;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PacketState;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How values of the contracts read in a sentence. */
public final class Words {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(PacketId.ZONE);

    private Words() {}

    public static String of(PacketKind kind) {
        return withoutPrefix(kind.name(), "PACKET_KIND_");
    }

    public static String of(PacketState state) {
        return withoutPrefix(state.name(), "PACKET_STATE_").replace('_', ' ');
    }

    /** The rest of an enum constant's name in small letters. */
    static String withoutPrefix(String name, String prefix) {
        return (name.startsWith(prefix) ? name.substring(prefix.length()) : name).toLowerCase(Locale.ROOT);
    }

    /** The time in China, where the day of an order number is counted; a dash if it is not set. */
    public static String of(Timestamp timestamp) {
        return timestamp.equals(Timestamp.getDefaultInstance())
                ? "–"
                : TIME.format(Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos()));
    }

    static String replay(boolean replay) {
        return replay ? "  (answered before)" : "";
    }
}
