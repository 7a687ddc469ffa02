package io.hongbao.core.id;

/**
 * The trace of a packet, sixteen bytes as OpenTelemetry has them: the first eight are the order number, the others mix
 * it. So every service knows the trace of a packet without being told, through queues, outboxes and retries, and a
 * person can compute it. Samplers look at the last eight bytes, which are as good as random: a packet is traced
 * everywhere or nowhere.
 */
public record PacketTraceId(PacketId packet) {
    /** Of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    /** The last eight bytes. Never 0 in a place that matters: the first eight are not. */
    public long low() {
        long mixed = packet.value() + GOLDEN_GAMMA;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return "%016x%016x".formatted(packet.value(), low());
    }
}
