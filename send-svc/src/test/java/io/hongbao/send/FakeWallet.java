package io.hongbao.send;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_NOT_FOUND;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_REUSED;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ClosePaymentResponse;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.CreatePaymentResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.GetPaymentResponse;
import io.hongbao.v1.Payment;
import io.hongbao.v1.PaymentState;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceImplBase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** wallet-bridge without money: payments in memory, confirmed when the test says so. */
public final class FakeWallet extends WalletServiceImplBase implements AutoCloseable {
    private record Request(String payerId, String requestId) {}

    private final Map<Request, ByteString> hashes = new HashMap<>();
    private final Map<Request, Long> packets = new HashMap<>();
    private final Map<Long, Payment> payments = new HashMap<>();
    private final Server server;
    private volatile boolean away;

    public FakeWallet() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
    }

    public int port() {
        return server.getPort();
    }

    /** Whether every call fails as if nobody were there. */
    public void setAway(boolean away) {
        this.away = away;
    }

    public synchronized void confirm(long packetId) {
        payments.computeIfPresent(
                packetId,
                (id, payment) -> payment.toBuilder()
                        .setState(PaymentState.PAYMENT_STATE_CONFIRMED)
                        .build());
    }

    /** Confirms another amount than was asked for, which the real one never does. */
    public synchronized void confirm(long packetId, long amountFen) {
        payments.computeIfPresent(
                packetId,
                (id, payment) -> payment.toBuilder().setAmountFen(amountFen).build());
        confirm(packetId);
    }

    @Override
    public synchronized void createPayment(
            CreatePaymentRequest request, StreamObserver<CreatePaymentResponse> observer) {
        if (refuseIfAway(observer)) {
            return;
        }
        var key = new Request(request.getPayerId(), request.getRequestId());
        ByteString hash = hashes.putIfAbsent(key, request.getParametersHash());
        if (hash != null && !hash.equals(request.getParametersHash())) {
            observer.onError(Refusal.of(ERROR_REASON_REQUEST_ID_REUSED, "used with other parameters")
                    .toStatusException());
            return;
        }
        Long earlier = packets.putIfAbsent(key, request.getPacketId());
        if (earlier == null) {
            payments.put(
                    request.getPacketId(),
                    Payment.newBuilder()
                            .setPaymentId("pay-" + request.getPacketId())
                            .setPacketId(request.getPacketId())
                            .setPayerId(request.getPayerId())
                            .setAmountFen(request.getAmountFen())
                            .setState(PaymentState.PAYMENT_STATE_PENDING)
                            .build());
        }
        observer.onNext(CreatePaymentResponse.newBuilder()
                .setPayment(payments.get(earlier == null ? request.getPacketId() : earlier))
                .setReplay(earlier != null)
                .build());
        observer.onCompleted();
    }

    @Override
    public synchronized void getPayment(GetPaymentRequest request, StreamObserver<GetPaymentResponse> observer) {
        if (refuseIfAway(observer)) {
            return;
        }
        Payment payment = payments.get(request.getPacketId());
        if (payment == null) {
            observer.onError(Refusal.of(ERROR_REASON_PAYMENT_NOT_FOUND, "no such payment")
                    .toStatusException());
            return;
        }
        observer.onNext(GetPaymentResponse.newBuilder().setPayment(payment).build());
        observer.onCompleted();
    }

    @Override
    public synchronized void closePayment(ClosePaymentRequest request, StreamObserver<ClosePaymentResponse> observer) {
        if (refuseIfAway(observer)) {
            return;
        }
        Payment none = Payment.newBuilder()
                .setPacketId(request.getPacketId())
                .setState(PaymentState.PAYMENT_STATE_CLOSED)
                .build();
        Payment closed = payments.merge(
                request.getPacketId(),
                none,
                (payment, unused) -> payment.getState() == PaymentState.PAYMENT_STATE_CONFIRMED
                        ? payment
                        : payment.toBuilder()
                                .setState(PaymentState.PAYMENT_STATE_CLOSED)
                                .build());
        observer.onNext(ClosePaymentResponse.newBuilder().setPayment(closed).build());
        observer.onCompleted();
    }

    private boolean refuseIfAway(StreamObserver<?> observer) {
        if (away) {
            observer.onError(Status.UNAVAILABLE.asRuntimeException());
        }
        return away;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
