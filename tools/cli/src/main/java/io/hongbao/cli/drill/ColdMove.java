package io.hongbao.cli.drill;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.hongbao.cli.cold.DayMoves;
import io.hongbao.cli.stack.Database;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.cli.stack.SetLayout;
import io.hongbao.client.Errors;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.text.TextSeal;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPacketResponse;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.ListSharesResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.PacketState;
import io.hongbao.v1.ShareState;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A day of four days ago is lived through, moves to the cold store by itself while send-svc, which moves it, is killed, and
 * is then read back and opened again by services that have forgotten it.
 */
final class ColdMove implements Drill {
    private static final int AGE_DAYS = 4;
    /** Packets that are opened to the end, in each logical database. */
    private static final int FINISHED_COUNT = 8;

    private static final long LONG_MILLIS = Duration.ofHours(24).toMillis();
    private static final long SHORT_MILLIS = Duration.ofSeconds(5).toMillis();

    /** Payment, credits, and expiry, which looks into a day this old once the move has found that it must. */
    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);
    /** The lease of a mover that was killed is a minute, the pause between two looks half of one. */
    private static final Duration MOVE_MAX = Duration.ofSeconds(150);

    private static final Duration BACK_MAX = Duration.ofSeconds(30);

    /** Signs the tickets: those of grab-svc would not outlast the drill. */
    private static final byte[] TICKET_SECRET = "a secret of the drill's own, 32 b".getBytes(StandardCharsets.US_ASCII);

    /** Encrypts greetings, as send-svc does. */
    private static final byte[] TEXT_SECRET = "another secret of a drill, 32 by".getBytes(StandardCharsets.US_ASCII);

    private static final TextSeal SEAL = new TextSeal(OptionalInt.of(1), Map.of(1, TEXT_SECRET));

    private static final Duration TICKET_TIME = Duration.ofMinutes(10);

    /** What query-svc says of a packet. */
    private record Told(GetPacketResponse packet, ListSharesResponse shares) {
        /** Nothing about it, or about the money of its shares, will change any more. */
        boolean settled() {
            PacketState state = packet.getPacket().getState();
            return state != PacketState.PACKET_STATE_OPEN
                    && state != PacketState.PACKET_STATE_AWAITING_PAYMENT
                    && shares.getSharesList().stream()
                            .allMatch(share -> share.getState() == ShareState.SHARE_STATE_SETTLED);
        }
    }

    private record Orders(List<PacketId> finished, List<PacketId> expired, List<PacketId> closed) {}

    @Override
    public String name() {
        return "cold-move";
    }

    @Override
    public String summary() {
        return "an old day moves to the cold store, its mover is killed, and all is answered as before";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        DrillStack stack = drill.start(drill.options()
                .with("hongbao.tickets.keys.\"1\"", HexFormat.of().formatHex(TICKET_SECRET))
                .with("hongbao.text.keys.\"1\"", HexFormat.of().formatHex(TEXT_SECRET)));
        var signer = new TicketSigner(1, Map.of(1, TICKET_SECRET));
        stack.load();
        var stores = stack.running().stores();
        LocalDate day =
                OldOrders.today(stores.sets().values().iterator().next()).minusDays(AGE_DAYS);
        Orders orders = wrap(stack, day);
        drill.say("%d orders of %s are wrapped".formatted(all(orders).size(), day));

        pay(stack, orders.finished);
        pay(stack, orders.expired);
        for (PacketId id : orders.finished) {
            for (int i = 1; i <= OldOrders.SHARE_COUNT; i++) {
                open(stack, signer, id, "old-user-" + i);
            }
        }
        orders.expired.forEach(id -> open(stack, signer, id, "old-user-1"));
        long settledMillis = drill.await(
                "all but the unpaid to settle",
                SETTLE_MAX,
                () -> orders.finished.stream().allMatch(id -> told(stack, id).settled())
                        && orders.expired.stream()
                                .allMatch(id -> told(stack, id).settled()));
        drill.figure("settled_ms", settledMillis);
        drill.require(
                movedCount(stack, day) == 0,
                "a logical database's day moved although an order in it awaits its payment");

        orders.closed.forEach(id -> close(stack, id));
        Map<PacketId, Told> before = new LinkedHashMap<>();
        all(orders).forEach(id -> before.put(id, told(stack, id)));
        drill.require(
                before.values().stream()
                        .allMatch(
                                told -> told.packet().getPacket().getGreeting().equals(OldOrders.GREETING)),
                "not every greeting is told");
        long begunNanos = System.nanoTime();
        drill.await("the first logical database to move", MOVE_MAX, () -> movedCount(stack, day) > 0);
        ServiceProcess mover = stack.running().service(Service.SEND);
        mover.kill();
        drill.figure("moved_before_kill", movedCount(stack, day));
        mover.restart();
        drill.await("the rest to move", MOVE_MAX, () -> moved(stack, day));
        drill.figure("move_ms", (System.nanoTime() - begunNanos) / 1_000_000);
        List<DayMoves.Day> days = of(stack, day);
        drill.figure(
                "packets", days.stream().mapToLong(DayMoves.Day::packetCount).sum());
        drill.figure("shares", days.stream().mapToLong(DayMoves.Day::shareCount).sum());
        drill.figure(
                "mismatches",
                days.stream().mapToLong(DayMoves.Day::mismatchCount).sum());
        drill.require(
                days.stream().mapToLong(DayMoves.Day::packetCount).sum() == before.size(),
                "not every packet has moved");

        // They remember packets that cannot change.
        stack.running().service(Service.QUERY).restart();
        stack.running().service(Service.OPEN).restart();
        drill.await("query-svc to answer", BACK_MAX, () -> told(stack, orders.finished.getFirst()) != null);
        int differentCount = 0;
        for (var packet : before.entrySet()) {
            if (!packet.getValue().equals(told(stack, packet.getKey()))) {
                differentCount++;
            }
        }
        drill.require(differentCount == 0, differentCount + " packets are told otherwise than before the move");
        drill.await(
                "open-svc to answer",
                BACK_MAX,
                () -> open(stack, signer, orders.finished.getFirst(), "old-user-1")
                        .getReplay());
        openAgain(drill, stack, signer, orders, before);
        reuse(drill, stack, day);
    }

    private static Orders wrap(DrillStack stack, LocalDate day) throws SQLException {
        var orders = new Orders(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        long[] lives = new long[FINISHED_COUNT + 2];
        Arrays.fill(lives, LONG_MILLIS);
        lives[FINISHED_COUNT] = SHORT_MILLIS;
        for (SetLayout layout : SetLayout.LOCAL) {
            for (List<PacketId> ids : OldOrders.wrap(databaseOf(stack, layout), layout, day, SEAL, lives)) {
                orders.finished.addAll(ids.subList(0, FINISHED_COUNT));
                orders.expired.add(ids.get(FINISHED_COUNT));
                orders.closed.add(ids.getLast());
            }
        }
        return orders;
    }

    private static Database databaseOf(DrillStack stack, SetLayout layout) {
        return Objects.requireNonNull(stack.running().stores().sets().get(layout.name()), layout.name());
    }

    private static List<PacketId> all(Orders orders) {
        var all = new ArrayList<>(orders.finished);
        all.addAll(orders.expired);
        all.addAll(orders.closed);
        return all;
    }

    private static void pay(DrillStack stack, List<PacketId> ids) {
        for (PacketId id : ids) {
            stack.clients()
                    .wallet()
                    .deposit(DepositRequest.newBuilder()
                            .setRequestId("deposit-" + id)
                            .setUserId(OldOrders.SENDER)
                            .setAmountFen(OldOrders.TOTAL_FEN)
                            .build());
            String paymentId = stack.clients()
                    .wallet()
                    .createPayment(CreatePaymentRequest.newBuilder()
                            .setRequestId("wrap-" + id)
                            .setPacketId(id.value())
                            .setPayerId(OldOrders.SENDER)
                            .setAmountFen(OldOrders.TOTAL_FEN)
                            .setParametersHash(ByteString.copyFrom(new byte[32]))
                            .build())
                    .getPayment()
                    .getPaymentId();
            boolean published = stack.clients()
                    .wallet()
                    .confirmPayment(ConfirmPaymentRequest.newBuilder()
                            .setRequestId("pay-" + id)
                            .setPaymentId(paymentId)
                            .setPayerId(OldOrders.SENDER)
                            .setAmountFen(OldOrders.TOTAL_FEN)
                            .build())
                    .getPublished();
            if (!published) {
                throw new IllegalStateException("packet " + id + " is paid and not published");
            }
        }
    }

    private static OpenResponse open(DrillStack stack, TicketSigner signer, PacketId id, String user) {
        OpenRequest request = OpenRequest.newBuilder()
                .setRequestId("open-" + user)
                .setPacketId(id.value())
                .setUserId(user)
                .setGroupId(OldOrders.GROUP)
                .setTicket(signer.sign(id.value(), user, System.currentTimeMillis() + TICKET_TIME.toMillis()))
                .build();
        long askedAtNanos = System.nanoTime();
        OpenResponse response = stack.clients().open().open(request);
        stack.answers().add(request, response, askedAtNanos, System.nanoTime());
        return response;
    }

    private static void close(DrillStack stack, PacketId id) {
        stack.clients()
                .send()
                .cancelPacket(CancelPacketRequest.newBuilder()
                        .setRequestId("cancel-" + id)
                        .setPacketId(id.value())
                        .setSenderId(OldOrders.SENDER)
                        .build());
    }

    private static Told told(DrillStack stack, PacketId id) {
        GetPacketRequest packet = GetPacketRequest.newBuilder()
                .setPacketId(id.value())
                .setUserId("old-user-1")
                .build();
        ListSharesRequest shares =
                ListSharesRequest.newBuilder().setPacketId(id.value()).build();
        return new Told(
                stack.clients().query().getPacket(packet),
                stack.clients().query().listShares(shares));
    }

    private static List<DayMoves.Day> of(DrillStack stack, LocalDate day) throws SQLException {
        return DayMoves.status(stack.running().stores()).stream()
                .filter(one -> one.date().equals(day.toString()))
                .toList();
    }

    private static long movedCount(DrillStack stack, LocalDate day) throws SQLException {
        return of(stack, day).stream().mapToLong(DayMoves.Day::movedCount).sum();
    }

    private static boolean moved(DrillStack stack, LocalDate day) throws SQLException {
        return of(stack, day).stream().allMatch(DayMoves.Day::moved);
    }

    /** A cold packet is final: its users hear what they heard, others what became of it. */
    private static void openAgain(
            DrillContext drill, DrillStack stack, TicketSigner signer, Orders orders, Map<PacketId, Told> before) {
        int wrongCount = 0;
        for (PacketId id : orders.finished) {
            for (var share : Objects.requireNonNull(before.get(id)).shares.getSharesList()) {
                OpenResponse again = open(stack, signer, id, share.getUserId());
                if (!again.getReplay() || again.getAmountFen() != share.getAmountFen()) {
                    wrongCount++;
                }
            }
            if (open(stack, signer, id, "late-user").getResult() != OpenResult.OPEN_RESULT_SOLD_OUT) {
                wrongCount++;
            }
        }
        for (PacketId id : orders.expired) {
            if (open(stack, signer, id, "late-user").getResult() != OpenResult.OPEN_RESULT_EXPIRED) {
                wrongCount++;
            }
        }
        for (PacketId id : orders.closed) {
            try {
                open(stack, signer, id, "late-user");
                wrongCount++;
            } catch (StatusRuntimeException refused) {
                String reason = Errors.read(refused).reason().map(Enum::name).orElse("");
                if (!reason.equals("ERROR_REASON_PACKET_CLOSED")) {
                    wrongCount++;
                }
            }
        }
        drill.require(wrongCount == 0, wrongCount + " opens of cold packets were answered wrongly");
    }

    /** The same day of the next month finds its tables empty. */
    private static void reuse(DrillContext drill, DrillStack stack, LocalDate day) throws SQLException {
        for (SetLayout layout : SetLayout.LOCAL) {
            LocalDate next = day.plusMonths(1);
            while (next.getDayOfMonth() != day.getDayOfMonth()) {
                next = next.plusMonths(1);
            }
            List<List<PacketId>> made = OldOrders.wrap(databaseOf(stack, layout), layout, next, SEAL, LONG_MILLIS);
            drill.require(!made.isEmpty(), "the day of the month cannot be used again");
        }
    }
}
