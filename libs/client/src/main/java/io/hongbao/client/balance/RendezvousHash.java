package io.hongbao.client.balance;

import java.nio.charset.StandardCharsets;

/**
 * Rendezvous hashing (highest random weight: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous",
 * University of Michigan CSE-TR-316-96, 1996). Every node has a pseudo-random weight for every key, and the heaviest
 * node owns the key; so a node that leaves gives away only its own keys, and gets exactly those back. Every client
 * computes the same owner from the same names, on any machine and in any process.
 */
public final class RendezvousHash {
    // FNV-1a, 64 bits: Fowler, Noll and Vo; constants from RFC 9923.
    private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private RendezvousHash() {}

    /** The hash of a node's name: FNV-1a over its UTF-8 bytes, mixed, since FNV alone spreads short names badly. */
    public static long ofName(String name) {
        long hash = FNV_OFFSET_BASIS;
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
        }
        return mix13(hash);
    }

    /** The index of the node that owns a key; {@code nodes} are hashes of names and must not be empty. */
    static int owner(long key, long[] nodes) {
        // Packet ids differ in few bits: they are mixed before they meet the node's hash, and once more after.
        long mixedKey = mix13(key);
        int owner = 0;
        long heaviest = Long.MIN_VALUE;
        for (int i = 0; i < nodes.length; i++) {
            long weight = mix13(mixedKey ^ nodes[i]);
            if (weight > heaviest) {
                heaviest = weight;
                owner = i;
            }
        }
        return owner;
    }

    /**
     * Mix13, David Stafford's variant 13 of the 64-bit finalizer of MurmurHash3 ("Better Bit Mixing", 2011), the output
     * function of SplitMix64. A bijection: two nodes weigh the same for a key only if their hashes are equal.
     */
    public static long mix13(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
