package io.hongbao.cli.recon;

/**
 * One thing in which two stores differ.
 *
 * @param item which share, transfer or record of the packet; a user is named by a hash
 * @param detail the numbers
 */
public record Difference(String set, long packetId, Kind kind, String item, String detail) {
    /** What makes it the same difference when it is seen again. */
    record Key(long packetId, Kind kind, String item) {}

    Key key() {
        return new Key(packetId, kind, item);
    }
}
