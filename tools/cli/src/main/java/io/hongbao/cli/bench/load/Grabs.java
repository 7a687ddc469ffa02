package io.hongbao.cli.bench.load;

import io.grpc.MethodDescriptor;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.GrabServiceGrpc;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Grabs of some packets at random, each by a user of its own. Requests are made ahead, as far as they are foreseen. */
public final class Grabs implements CallKind<byte[], GrabResponse> {
    private static final MethodDescriptor<byte[], GrabResponse> METHOD = GrabServiceGrpc.getGrabMethod().toBuilder(
                    new Serialized(), GrabServiceGrpc.getGrabMethod().getResponseMarshaller())
            .build();

    private final long[] packetIds;
    private final String groupId;
    private final GrabResult wanted;
    private final AtomicLong userCount;
    private final MadeAhead requests = new MadeAhead(this::make);

    private final LongAdder grantedCount = new LongAdder();

    /**
     * @param wanted the result that is asked for: a ticket, or the no that a finished packet deserves
     * @param userCount users so far: each grab is by a new one
     */
    public Grabs(long[] packetIds, String groupId, GrabResult wanted, AtomicLong userCount) {
        this.packetIds = packetIds.clone();
        this.groupId = groupId;
        this.wanted = wanted;
        this.userCount = userCount;
    }

    @Override
    public MethodDescriptor<byte[], GrabResponse> method() {
        return METHOD;
    }

    @Override
    public void prepare(int count) {
        requests.prepare(count);
    }

    @Override
    public byte[] next() {
        return requests.next();
    }

    private byte[] make() {
        long user = userCount.incrementAndGet();
        return GrabRequest.newBuilder()
                .setRequestId("r" + user)
                .setPacketId(packetIds[ThreadLocalRandom.current().nextInt(packetIds.length)])
                .setUserId("u" + (100_000_000_000L + user))
                .setGroupId(groupId)
                .build()
                .toByteArray();
    }

    @Override
    public Verdict judge(GrabResponse answer) {
        if (answer.getResult() == GrabResult.GRAB_RESULT_GRANTED && !answer.getReplay()) {
            grantedCount.increment();
        }
        return answer.getResult() == wanted ? Verdict.DONE : Verdict.REFUSED;
    }

    /** Tickets that were leased. */
    public long grantedCount() {
        return grantedCount.sum();
    }
}
