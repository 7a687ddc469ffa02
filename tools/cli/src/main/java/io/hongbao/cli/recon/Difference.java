package io.hongbao.cli.recon;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One thing in which two stores differ.
 *
 * @param item which share, transfer or record of the packet; a user is named by a hash
 * @param detail the numbers
 */
public record Difference(String set, long packetId, Kind kind, String item, String detail) {
    /** What makes it the same difference when it is seen again. */
    record Key(long packetId, Kind kind, String item) {}

    Map<String, Object> toJson() {
        var object = new LinkedHashMap<String, Object>();
        object.put("set", set);
        object.put("packet_id", Long.toString(packetId));
        object.put("kind", kind.name());
        object.put("item", item);
        object.put("detail", detail);
        object.put("remedy", kind.remedy().name());
        return object;
    }

    /** For people. */
    @Override
    public String toString() {
        return "✗ %s, packet %d, %s: %s (%s)"
                .formatted(kind, packetId, item, detail, kind.remedy().name().toLowerCase(Locale.ROOT));
    }

    Key key() {
        return new Key(packetId, kind, item);
    }
}
