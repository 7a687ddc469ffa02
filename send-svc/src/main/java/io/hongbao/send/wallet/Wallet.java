package io.hongbao.send.wallet;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_DEPENDENCY_UNAVAILABLE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_NOT_FOUND;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Refusal;
import io.hongbao.send.Failures;
import io.hongbao.send.SendMetrics;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ClosePaymentResponse;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.CreatePaymentResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.GetPaymentResponse;
import io.hongbao.v1.Payment;
import io.hongbao.v1.WalletServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceStub;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * wallet-bridge, as this service asks it. What wallet-bridge refuses passes through with its reason; when it does not
 * answer that is DEPENDENCY_UNAVAILABLE, and whether the call took effect is unknown: all of them may be repeated.
 *
 * <p>Calls run outside the gRPC context of the request they are made for. After a batched commit the thread carries the
 * context of another request, and its end must not cancel this one's call.
 */
@ApplicationScoped
public class Wallet {
    /** One statement in the ledger, with room for a queue. Longer means that nobody answers. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Logger LOG = Logger.getLogger(Wallet.class);

    private final WalletServiceStub stub;
    private final SendMetrics metrics;
    private volatile boolean available = true;

    Wallet(@GrpcClient("wallet") Channel wallet, SendMetrics metrics) {
        this.stub = WalletServiceGrpc.newStub(wallet);
        this.metrics = metrics;
    }

    /** Whether the last call was answered. */
    public boolean available() {
        return available;
    }

    /** Asks for the payment of an order. */
    public CompletableFuture<CreatePaymentResponse> createPayment(CreatePaymentRequest request, Deadline deadline) {
        return this.<CreatePaymentResponse>call(
                deadline, (bounded, observer) -> bounded.createPayment(request, observer));
    }

    /** The payment of an order; empty if it has none. */
    public CompletableFuture<Optional<Payment>> payment(PacketId packetId, Deadline deadline) {
        var request =
                GetPaymentRequest.newBuilder().setPacketId(packetId.value()).build();
        return this.<GetPaymentResponse>call(deadline, (bounded, observer) -> bounded.getPayment(request, observer))
                .thenApply(response -> Optional.of(response.getPayment()))
                .exceptionallyCompose(failure -> isNotFound(failure)
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    /** Closes the payment of an order unless it was confirmed first. @return the payment after that, which is final */
    public CompletableFuture<Payment> closePayment(PacketId packetId, Deadline deadline) {
        var request =
                ClosePaymentRequest.newBuilder().setPacketId(packetId.value()).build();
        return this.<ClosePaymentResponse>call(deadline, (bounded, observer) -> bounded.closePayment(request, observer))
                .thenApply(ClosePaymentResponse::getPayment);
    }

    private <T> CompletableFuture<T> call(Deadline deadline, BiConsumer<WalletServiceStub, StreamObserver<T>> method) {
        Deadline earlier = deadline.minimum(Deadline.after(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        var answer = new Answer<T>();
        Context.ROOT.run(() -> method.accept(stub.withDeadline(earlier), answer));
        return answer.result;
    }

    private final class Answer<T> implements StreamObserver<T> {
        final CompletableFuture<T> result = new CompletableFuture<>();

        @Override
        public void onNext(T response) {
            answered(true);
            result.complete(response);
        }

        @Override
        public void onError(Throwable failure) {
            result.completeExceptionally(mapped(failure));
        }

        @Override
        public void onCompleted() {
            // The answer came with onNext.
        }
    }

    private Throwable mapped(Throwable failure) {
        if (failure instanceof StatusRuntimeException status
                && Failures.reasonOf(status).isPresent()) {
            answered(true);
            // Made anew: the trailers as received hold more than our error.
            return StatusProto.toStatusRuntimeException(StatusProto.fromThrowable(status));
        }
        answered(false);
        metrics.walletFailed();
        LOG.debugf("wallet-bridge did not answer cause=%s", failure);
        return Refusal.of(ERROR_REASON_DEPENDENCY_UNAVAILABLE, "the payment side does not answer")
                .with("dependency", "wallet");
    }

    private void answered(boolean now) {
        if (available != now) {
            available = now;
            if (now) {
                LOG.info("wallet-bridge answers again");
            } else {
                LOG.warn("wallet-bridge does not answer");
            }
        }
    }

    private static boolean isNotFound(Throwable failure) {
        return Failures.reasonOf(failure)
                .filter(Refusal.nameOf(ERROR_REASON_PAYMENT_NOT_FOUND)::equals)
                .isPresent();
    }
}
