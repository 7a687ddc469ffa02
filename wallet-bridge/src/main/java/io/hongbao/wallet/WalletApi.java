package io.hongbao.wallet;

import static io.hongbao.v1.ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_THE_PAYER;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_NOT_WITH_THIS_PROVIDER;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_PAYMENT_ID_INVALID;
import static io.hongbao.v1.ErrorReason.ERROR_REASON_REQUEST_ID_INVALID;

import io.hongbao.core.id.PacketId;
import io.hongbao.kit.Input;
import io.hongbao.kit.PageToken;
import io.hongbao.kit.Refusal;
import io.hongbao.v1.ClosePaymentRequest;
import io.hongbao.v1.ClosePaymentResponse;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePaymentRequest;
import io.hongbao.v1.CreatePaymentResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.DepositResponse;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetBalanceResponse;
import io.hongbao.v1.GetCreditRequest;
import io.hongbao.v1.GetCreditResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.GetPaymentResponse;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.ListEntriesResponse;
import io.hongbao.v1.ListSuspendedPayoutsRequest;
import io.hongbao.v1.ListSuspendedPayoutsResponse;
import io.hongbao.v1.PaymentScene;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.PreparePaymentResponse;
import io.hongbao.v1.ReleasePayoutRequest;
import io.hongbao.v1.ReleasePayoutResponse;
import io.hongbao.v1.WalletService;
import io.hongbao.wallet.WalletMetrics.PaymentOutcome;
import io.hongbao.wallet.ledger.DepositStore;
import io.hongbao.wallet.ledger.EntryEntity;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.WalletReader;
import io.hongbao.wallet.payment.PacketPublisher;
import io.hongbao.wallet.payment.PaymentId;
import io.hongbao.wallet.payment.Payments;
import io.hongbao.wallet.payout.CreditReader;
import io.hongbao.wallet.payout.PayoutStore;
import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.provider.PaymentProvider.Scene;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The contract of wallet.proto: checks what callers send, asks the ledger, and puts the answer into words. */
@GrpcService
public class WalletApi implements WalletService {
    /** Largest amount of one deposit or payment, fen: a thousand million yuan, far from where sums overflow. */
    static final long AMOUNT_FEN_MAX = 100_000_000_000L;

    static final int PARAMETERS_HASH_BYTES = 32;
    static final int PAGE_SIZE_DEFAULT = 20;
    /** One page is one short index scan and a small message. */
    static final int PAGE_SIZE_MAX = 100;

    private final Payments payments;
    private final PaymentProvider provider;
    private final DepositStore deposits;
    private final WalletReader wallets;
    private final PacketPublisher publisher;
    private final CreditReader credits;
    private final PayoutStore suspense;
    private final WalletMetrics metrics;
    private final int region;
    private final PageToken pageToken;

    public WalletApi(
            Payments payments,
            PaymentProvider provider,
            DepositStore deposits,
            WalletReader wallets,
            PacketPublisher publisher,
            CreditReader credits,
            PayoutStore suspense,
            WalletMetrics metrics,
            @ConfigProperty(name = "hongbao.region") int region,
            @ConfigProperty(name = "hongbao.page-token.secret") String pageTokenSecretHex) {
        this.payments = payments;
        this.provider = provider;
        this.deposits = deposits;
        this.wallets = wallets;
        this.publisher = publisher;
        this.credits = credits;
        this.suspense = suspense;
        this.metrics = metrics;
        this.region = region;
        this.pageToken = new PageToken(HexFormat.of().parseHex(pageTokenSecretHex));
    }

    @Override
    public Uni<CreatePaymentResponse> createPayment(CreatePaymentRequest request) {
        return counted(() -> {
            PacketId packet = Input.packetIdOfRegion(request.getPacketId(), region);
            String payerId = Input.userId(request.getPayerId());
            String requestId = Input.requestId(request.getRequestId());
            long amountFen = amountFen(request.getAmountFen());
            if (request.getParametersHash().size() != PARAMETERS_HASH_BYTES) {
                throw Refusal.of(ERROR_REASON_REQUEST_ID_INVALID, "parameters_hash must be 32 bytes");
            }
            byte[] parametersHash = request.getParametersHash().toByteArray();
            return payments.create(packet, payerId, requestId, amountFen, parametersHash)
                    .map(created -> {
                        metrics.payment(created.replay() ? PaymentOutcome.CREATE_REPLAYED : PaymentOutcome.CREATED);
                        return CreatePaymentResponse.newBuilder()
                                .setPayment(Messages.payment(created.payment()))
                                .setReplay(created.replay())
                                .build();
                    });
        });
    }

    @Override
    public Uni<PreparePaymentResponse> preparePayment(PreparePaymentRequest request) {
        PacketId packet = packetOfPayment(request.getPaymentId());
        String payerId = Input.userId(request.getPayerId());
        Scene scene = request.getScene() == PaymentScene.PAYMENT_SCENE_JSAPI ? Scene.JSAPI : Scene.NATIVE;
        return payments.get(packet)
                .flatMap(payment -> {
                    if (!payment.payerId().equals(payerId)) {
                        throw Refusal.of(ERROR_REASON_NOT_THE_PAYER, "only the payer may prepare a payment");
                    }
                    return provider.prepare(payment, scene);
                })
                .map(Messages::way);
    }

    @Override
    public Uni<ConfirmPaymentResponse> confirmPayment(ConfirmPaymentRequest request) {
        return counted(() -> {
            Input.requestId(request.getRequestId());
            PacketId packet = packetOfPayment(request.getPaymentId());
            String payerId = Input.userId(request.getPayerId());
            // The amount has no check of its own: one that is not the payment's is a mismatch, whatever it is.
            return provider.confirm(packet, payerId, request.getAmountFen()).flatMap(confirmed -> {
                metrics.payment(confirmed.replay() ? PaymentOutcome.CONFIRM_REPLAYED : PaymentOutcome.CONFIRMED);
                return publisher.publish(packet).map(published -> {
                    if (!published) {
                        metrics.payment(PaymentOutcome.UNPUBLISHED);
                    }
                    return ConfirmPaymentResponse.newBuilder()
                            .setPayment(Messages.payment(confirmed.payment()))
                            .setReplay(confirmed.replay())
                            .setPublished(published)
                            .build();
                });
            });
        });
    }

    @Override
    public Uni<GetPaymentResponse> getPayment(GetPaymentRequest request) {
        return payments.get(packetOf(request))
                .map(payment -> GetPaymentResponse.newBuilder()
                        .setPayment(Messages.payment(payment))
                        .build());
    }

    @Override
    public Uni<ClosePaymentResponse> closePayment(ClosePaymentRequest request) {
        return counted(() -> payments.close(Input.packetIdOfRegion(request.getPacketId(), region))
                .map(payment -> {
                    metrics.payment(PaymentOutcome.CLOSED);
                    return ClosePaymentResponse.newBuilder()
                            .setPayment(Messages.payment(payment))
                            .build();
                }));
    }

    @Override
    public Uni<GetBalanceResponse> getBalance(GetBalanceRequest request) {
        String userId = Input.userId(request.getUserId());
        return read(wallets.balanceFen(userId))
                .map(balanceFen -> GetBalanceResponse.newBuilder()
                        .setUserId(userId)
                        .setBalanceFen(balanceFen)
                        .build());
    }

    @Override
    public Uni<DepositResponse> deposit(DepositRequest request) {
        if (!provider.holdsWallets()) {
            throw Refusal.of(ERROR_REASON_NOT_WITH_THIS_PROVIDER, "money comes in through the payment provider");
        }
        String userId = Input.userId(request.getUserId());
        String requestId = Input.requestId(request.getRequestId());
        return deposits.deposit(userId, requestId, amountFen(request.getAmountFen()))
                .map(deposited -> DepositResponse.newBuilder()
                        .setBalanceFen(deposited.balanceFen())
                        .setReplay(deposited.replay())
                        .build());
    }

    @Override
    public Uni<ListEntriesResponse> listEntries(ListEntriesRequest request) {
        String userId = Input.userId(request.getUserId());
        int pageSize = Input.pageSize(request.getPageSize(), PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX);
        String list = "entries/" + userId;
        long beforeSequence = request.getPageToken().isEmpty()
                ? Long.MAX_VALUE
                : pageToken.decode(list, request.getPageToken(), 1)[0];
        // One more than the page tells whether there is another page.
        return read(wallets.entries(userId, beforeSequence, pageSize + 1)).map(entries -> {
            var page = entries.subList(0, Math.min(pageSize, entries.size()));
            return ListEntriesResponse.newBuilder()
                    .addAllEntries(page.stream().map(Messages::entry).toList())
                    .setNextPageToken(entries.size() > pageSize ? tokenAfter(list, page) : "")
                    .build();
        });
    }

    @Override
    public Uni<GetCreditResponse> getCredit(GetCreditRequest request) {
        PacketId packet = Input.packetId(request.getPacketId());
        String userId = Input.userId(request.getUserId());
        return credits.find(packet, userId).map(Messages::credit);
    }

    @Override
    public Uni<ListSuspendedPayoutsResponse> listSuspendedPayouts(ListSuspendedPayoutsRequest request) {
        return suspense.suspended(Input.pageSize(request.getPageSize(), PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX))
                .map(payouts -> ListSuspendedPayoutsResponse.newBuilder()
                        .addAllPayouts(payouts.stream().map(Messages::suspended).toList())
                        .build());
    }

    @Override
    public Uni<ReleasePayoutResponse> releasePayout(ReleasePayoutRequest request) {
        return suspense.release(request.getPayoutId())
                .map(released ->
                        ReleasePayoutResponse.newBuilder().setReleased(released).build());
    }

    private String tokenAfter(String list, List<EntryEntity> page) {
        return pageToken.encode(list, page.getLast().sequence);
    }

    private PacketId packetOf(GetPaymentRequest request) {
        if (request.getPaymentId().isEmpty() == (request.getPacketId() == 0)) {
            throw Refusal.of(ERROR_REASON_PAYMENT_ID_INVALID, "exactly one of payment_id and packet_id must be set");
        }
        return request.getPaymentId().isEmpty()
                ? Input.packetIdOfRegion(request.getPacketId(), region)
                : packetOfPayment(request.getPaymentId());
    }

    /** A payment belongs to the region of its packet, whose ledger holds the money. */
    private PacketId packetOfPayment(String paymentId) {
        return Input.packetIdOfRegion(PaymentId.packetOf(paymentId).value(), region);
    }

    private static long amountFen(long amountFen) {
        if (amountFen < 1 || amountFen > AMOUNT_FEN_MAX) {
            throw Refusal.of(ERROR_REASON_AMOUNT_OUT_OF_RANGE, "amount_fen must be 1 to " + AMOUNT_FEN_MAX);
        }
        return amountFen;
    }

    /** A read through the session of the entities, in the same time and with the same refusals as every statement. */
    private static <T> Uni<T> read(Uni<T> answer) {
        return answer.ifNoItem()
                .after(Ledger.ANSWER_TIME_MAX)
                .fail()
                .onFailure()
                .transform(Ledger::told);
    }

    private <T> Uni<T> counted(Supplier<Uni<? extends T>> call) {
        return Uni.createFrom()
                .deferred(call)
                .onFailure(Refusal.class)
                .invoke(() -> metrics.payment(PaymentOutcome.REFUSED));
    }
}
