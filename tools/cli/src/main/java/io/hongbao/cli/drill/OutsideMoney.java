package io.hongbao.cli.drill;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.promise.LedgerRows;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.recon.Reconciliation;
import io.hongbao.cli.wechat.WeChatPay;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.PacketKind;
import io.hongbao.v1.PaymentState;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Some packets whose money comes and goes through the sandbox, from the order to the receivers' accounts. */
final class OutsideMoney implements AutoCloseable {
    static final int SHARE_COUNT = 4;
    static final long TOTAL_FEN = 400;
    private static final String GROUP = "drill";
    private static final Duration PUBLISH_MAX = Duration.ofSeconds(60);
    private static final Duration PAID_OUT_MAX = Duration.ofSeconds(120);
    /** Longer than an event takes to the user records. */
    private static final Duration RECON_HORIZON = Duration.ofSeconds(8);

    private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
    private static final int RETRY_COUNT_MAX = 50;

    private final DrillContext drill;
    private final DrillStack stack;
    private final WeChatPay weChatPay;
    private final List<CreatePacketResponse> packets = new ArrayList<>();
    private int openedCount;

    private OutsideMoney(DrillContext drill, DrillStack stack, WeChatPay weChatPay) {
        this.drill = drill;
        this.stack = stack;
        this.weChatPay = weChatPay;
    }

    static OutsideMoney start(DrillContext drill) throws IOException, InterruptedException {
        WeChatPay weChatPay = WeChatPay.start();
        DrillStack stack = drill.start(weChatPay.configure(drill.options()
                .with("hongbao.payout.retry-min", "1s")
                .with("hongbao.payout.retry-max", "5s")
                .with("hongbao.wechatpay.answer-time-max", "2s")
                .with("hongbao.wechatpay.order-ask-min", "2s")));
        return new OutsideMoney(drill, stack, weChatPay);
    }

    WeChatPay weChatPay() {
        return weChatPay;
    }

    DrillStack stack() {
        return stack;
    }

    /** Orders with their payments prepared, and not paid. @return the payments' ids */
    List<String> wrap(int count) throws InterruptedException {
        var payments = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var request = CreatePacketRequest.newBuilder()
                    .setRequestId("drill-" + packets.size())
                    .setSenderId("sender-" + packets.size())
                    .setGroupId(GROUP)
                    .setKind(PacketKind.PACKET_KIND_LUCKY)
                    .setTotalFen(TOTAL_FEN)
                    .setShareCount(SHARE_COUNT)
                    .build();
            CreatePacketResponse wrapped =
                    persistently(() -> stack.clients().send().createPacket(request));
            persistently(() -> weChatPay.prepare(stack.clients(), request.getSenderId(), wrapped.getPaymentId()));
            packets.add(wrapped);
            payments.add(wrapped.getPaymentId());
        }
        return payments;
    }

    boolean confirmed(String paymentId) {
        return stack.clients()
                        .wallet()
                        .getPayment(GetPaymentRequest.newBuilder()
                                .setPaymentId(paymentId)
                                .build())
                        .getPayment()
                        .getState()
                == PaymentState.PAYMENT_STATE_CONFIRMED;
    }

    long awaitConfirmed(List<String> payments) throws InterruptedException {
        return drill.await(
                "payments to be confirmed", PUBLISH_MAX, () -> payments.stream().allMatch(this::confirmed));
    }

    /** Every share of every packet that is not open yet. */
    void openAll() throws InterruptedException {
        for (CreatePacketResponse packet : packets.subList(openedCount, packets.size())) {
            for (int i = 1; i <= SHARE_COUNT; i++) {
                String user = "receiver-" + i;
                GrabResponse grabbed = persistently(() -> stack.clients()
                        .grab()
                        .grab(GrabRequest.newBuilder()
                                .setRequestId("visit")
                                .setPacketId(packet.getPacketId())
                                .setUserId(user)
                                .setGroupId(GROUP)
                                .build()));
                OpenRequest request = OpenRequest.newBuilder()
                        .setRequestId("visit")
                        .setPacketId(packet.getPacketId())
                        .setUserId(user)
                        .setGroupId(GROUP)
                        .setTicket(grabbed.getTicket())
                        .build();
                persistently(() -> {
                    long askedAtNanos = System.nanoTime();
                    OpenResponse answer = stack.clients().open().open(request);
                    stack.answers().add(request, answer, askedAtNanos, System.nanoTime());
                    return answer;
                });
            }
        }
        openedCount = packets.size();
    }

    /** Until every receiver has the money, or {@code max} is over; then both books must agree. */
    void requirePaidOut() throws InterruptedException, SQLException, IOException {
        int due = packets.size() * SHARE_COUNT;
        drill.figure("paid_out_ms", drill.await("receivers to be paid", PAID_OUT_MAX, () -> payoutCount() >= due));
        drill.figure("payouts", payoutCount());
        LedgerRows ledger = StoreReader.readLedger(stack.running().stores().ledger());
        String difference = weChatPay.difference(ledger);
        drill.require(difference.isEmpty(), difference);
        drill.require(payoutCount() == due, payoutCount() + " payouts of " + due + " shares");
        new Reconciliation(
                        stack.running().stores(),
                        PacketId.NORTH,
                        PacketId.dayOf(LocalDate.now(PacketId.ZONE)),
                        "",
                        RECON_HORIZON)
                .run()
                .differences()
                .forEach(one -> drill.require(false, "reconciliation found: " + one));
    }

    private long payoutCount() throws SQLException {
        return StoreReader.readLedger(stack.running().stores().ledger()).transfers().stream()
                .filter(transfer -> transfer.kind().equals("PAYOUT"))
                .count();
    }

    private static <T> T persistently(Supplier<T> call) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (StatusRuntimeException notYet) {
                if (attempt == RETRY_COUNT_MAX) {
                    throw new CommandFailure("a call fails again and again: " + notYet.getMessage(), notYet);
                }
            }
            Thread.sleep(RETRY_PAUSE);
        }
    }

    @Override
    public void close() {
        weChatPay.close();
    }
}
