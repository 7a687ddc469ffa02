package io.hongbao.cli.bench.load;

import io.grpc.MethodDescriptor;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.OpenServiceGrpc;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;

/**
 * Opens of prepared packets, each by a user of its own with a valid ticket. Some packets are open at a time; one that has
 * sold its shares gives its place to the next. Requests are made and signed ahead, as far as they are foreseen: a caller
 * does not sign tickets.
 */
public final class Opens implements CallKind<byte[], OpenResponse> {
    private static final Duration LEASE = Duration.ofHours(6);
    private static final MethodDescriptor<byte[], OpenResponse> METHOD = OpenServiceGrpc.getOpenMethod().toBuilder(
                    new Serialized(), OpenServiceGrpc.getOpenMethod().getResponseMarshaller())
            .build();

    private final TicketSigner signer;
    private final long expiresAtMillis = System.currentTimeMillis() + LEASE.toMillis();
    private final PacketPlaces packets;
    private final String groupId;
    private final AtomicLong userCount;
    private final MadeAhead requests = new MadeAhead(this::make);

    private final LongAdder openedCount = new LongAdder();
    private final LongAdder openedFen = new LongAdder();
    private final LongAdder replayCount = new LongAdder();

    /** @param userCount users so far: each open is by a new one */
    public Opens(TicketSigner signer, PacketPlaces packets, String groupId, AtomicLong userCount) {
        this.signer = signer;
        this.packets = packets;
        this.groupId = groupId;
        this.userCount = userCount;
    }

    /** Which packet the next open is for. */
    public static final class PacketPlaces {
        private final LongUnaryOperator idOf;
        private final long first;
        private final int places;
        private final int shareCount;
        private final AtomicLongArray opens;

        /**
         * @param idOf order number of a prepared packet, by its number
         * @param first number of the first packet that nobody has opened
         * @param places packets open at a time
         * @param shareCount shares of each packet; 0 if they never sell out
         */
        public PacketPlaces(LongUnaryOperator idOf, long first, int places, int shareCount) {
            this.idOf = idOf;
            this.first = first;
            this.places = places;
            this.shareCount = shareCount;
            this.opens = new AtomicLongArray(shareCount == 0 ? 0 : places);
        }

        long next() {
            int place = places == 1 ? 0 : ThreadLocalRandom.current().nextInt(places);
            long generation = shareCount == 0 ? 0 : opens.getAndIncrement(place) / shareCount;
            return idOf.applyAsLong(first + generation * places + place);
        }

        /** How many packets were used, counted from the first. */
        public long used() {
            long generations = 1;
            for (int i = 0; i < opens.length(); i++) {
                generations = Math.max(generations, (opens.get(i) + shareCount - 1) / shareCount);
            }
            return generations * places;
        }
    }

    @Override
    public MethodDescriptor<byte[], OpenResponse> method() {
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
        long packetId = packets.next();
        String userId = "u" + (100_000_000_000L + user);
        return OpenRequest.newBuilder()
                .setRequestId("r" + user)
                .setPacketId(packetId)
                .setUserId(userId)
                .setGroupId(groupId)
                .setTicket(signer.sign(packetId, userId, expiresAtMillis))
                .build()
                .toByteArray();
    }

    @Override
    public Verdict judge(OpenResponse answer) {
        if (answer.getResult() != OpenResult.OPEN_RESULT_OPENED) {
            return Verdict.REFUSED;
        }
        if (answer.getReplay()) {
            replayCount.increment();
        } else {
            openedCount.increment();
            openedFen.add(answer.getAmountFen());
        }
        return Verdict.DONE;
    }

    /** Packets used so far. */
    public long packetsUsed() {
        return packets.used();
    }

    /** Shares that users were told they have. */
    public long openedCount() {
        return openedCount.sum();
    }

    /** The sum of their amounts. */
    public long openedFen() {
        return openedFen.sum();
    }

    /** Answers that told of an earlier open: none is expected, since every user opens once. */
    public long replayCount() {
        return replayCount.sum();
    }
}
