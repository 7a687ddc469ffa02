package io.hongbao.orders;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What one lane commits at once: the new states of some packets of one day, and their new shares. All of it is
 * committed, or nothing.
 */
public final class OpenBatch {
    private final List<Long> ids = new ArrayList<>();
    private final List<Long> versions = new ArrayList<>();
    private final List<Long> surplusFen = new ArrayList<>();
    private final List<Integer> surplusCounts = new ArrayList<>();
    private final List<Short> states = new ArrayList<>();
    private final List<Long> refundFen = new ArrayList<>();
    private final List<Boolean> onlyIfDue = new ArrayList<>();
    private final List<Long> sharePacketIds = new ArrayList<>();
    private final List<String> shareUserIds = new ArrayList<>();
    private final List<Long> shareAmountsFen = new ArrayList<>();
    private final List<Integer> shareSequences = new ArrayList<>();

    /**
     * A packet's new state, guarded by the version it was decided on.
     *
     * @param due whether the commit must miss unless the packet is due by the database's clock
     */
    public void packet(
            long id, long version, long surplusFen, int surplusCount, int state, long refundFen, boolean due) {
        ids.add(id);
        versions.add(version);
        this.surplusFen.add(surplusFen);
        surplusCounts.add(surplusCount);
        states.add((short) state);
        this.refundFen.add(refundFen);
        onlyIfDue.add(due);
    }

    /** A new share. */
    public void share(long packetId, String userId, long amountFen, int sequence) {
        sharePacketIds.add(packetId);
        shareUserIds.add(userId);
        shareAmountsFen.add(amountFen);
        shareSequences.add(sequence);
    }

    /** One packet's row as it is to be. */
    public record PacketChange(
            long id, long version, long surplusFen, int surplusCount, int state, long refundFen, boolean onlyIfDue) {}

    /** One new share. */
    public record NewShare(long packetId, String userId, long amountFen, int sequence) {}

    public List<PacketChange> packets() {
        return IntStream.range(0, ids.size())
                .mapToObj(i -> new PacketChange(
                        ids.get(i),
                        versions.get(i),
                        surplusFen.get(i),
                        surplusCounts.get(i),
                        states.get(i),
                        refundFen.get(i),
                        onlyIfDue.get(i)))
                .toList();
    }

    public List<NewShare> shares() {
        return IntStream.range(0, sharePacketIds.size())
                .mapToObj(i -> new NewShare(
                        sharePacketIds.get(i), shareUserIds.get(i), shareAmountsFen.get(i), shareSequences.get(i)))
                .toList();
    }

    public int packetCount() {
        return ids.size();
    }

    public int shareCount() {
        return sharePacketIds.size();
    }

    /** Parameters of {@link OrderSql#COMMIT}. */
    Tuple toTuple(byte[] events, int eventCount) {
        Tuple tuple = Tuple.tuple();
        tuple.addArrayOfLong(ids.toArray(Long[]::new));
        tuple.addArrayOfLong(versions.toArray(Long[]::new));
        tuple.addArrayOfLong(surplusFen.toArray(Long[]::new));
        tuple.addArrayOfInteger(surplusCounts.toArray(Integer[]::new));
        tuple.addArrayOfShort(states.toArray(Short[]::new));
        tuple.addArrayOfLong(refundFen.toArray(Long[]::new));
        tuple.addArrayOfBoolean(onlyIfDue.toArray(Boolean[]::new));
        tuple.addArrayOfLong(sharePacketIds.toArray(Long[]::new));
        tuple.addArrayOfString(shareUserIds.toArray(String[]::new));
        tuple.addArrayOfLong(shareAmountsFen.toArray(Long[]::new));
        tuple.addArrayOfInteger(shareSequences.toArray(Integer[]::new));
        tuple.addInteger(eventCount);
        tuple.addBuffer(Buffer.buffer(events));
        tuple.addLong((long) ids.size());
        return tuple;
    }
}
