package io.hongbao.wallet.wechat.bill;

import com.fasterxml.jackson.databind.JsonNode;
import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.wechat.api.Trouble;
import io.hongbao.wallet.wechat.api.WeChatPayCalls;
import io.hongbao.wallet.wechat.api.WeChatPayConfig;
import io.hongbao.wallet.wechat.bill.BillStore.Due;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jboss.logging.Logger;

/**
 * Fetches WeChat Pay's fund-flow bill of each day, and of days that reconciliation asks for: an address and a hash in a
 * signed answer, then the file, which counts only if it has that hash. It is stored as it is; {@code recon bill} compares.
 */
@ApplicationScoped
class BillFetch {
    private static final Logger LOG = Logger.getLogger(BillFetch.class);

    private static final String PATH = "/v3/bill/fundflowbill?account_type=BASIC&bill_date=";
    /** There is no bill, yet or at all. */
    private static final String NO_BILL = "NO_STATEMENT_EXIST";
    /** With doubling waits this is three hours: what is not there by then never will be, since nothing moved that day. */
    private static final int EMPTY_AFTER_TRIES = 9;

    private static final Duration RETRY_MIN = Duration.ofMinutes(1);
    private static final Duration RETRY_MAX = Duration.ofHours(1);

    /** What became of an attempt. */
    enum Outcome {
        FETCHED,
        /** No bill, yet. */
        ABSENT,
        /** No bill after the last try: nothing moved that day. */
        EMPTY,
        /** Not what the hash says, not of the form of a bill, or its lines do not come to its sums. */
        DAMAGED,
        FAILED
    }

    private final PaymentProvider provider;
    private final WeChatPayCalls calls;
    private final WeChatPayConfig config;
    private final BillStore store;
    private final WalletMetrics metrics;

    BillFetch(
            PaymentProvider provider,
            WeChatPayCalls calls,
            WeChatPayConfig config,
            BillStore store,
            WalletMetrics metrics) {
        this.provider = provider;
        this.calls = calls;
        this.config = config;
        this.store = store;
        this.metrics = metrics;
        metrics.expect("bills", "outcome", Outcome.values());
    }

    @Scheduled(every = "5s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        if (provider.holdsWallets()) {
            return Uni.createFrom().voidItem();
        }
        return store.want(config.billFrom())
                .flatMap(wanted -> store.take())
                .flatMap(due ->
                        due.map(this::fetch).orElseGet(() -> Uni.createFrom().voidItem()))
                .onFailure()
                .invoke(failure -> LOG.warnf("Bills were not looked at cause=%s", failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private Uni<Void> fetch(Due due) {
        return calls.get(PATH + PacketId.EPOCH.plusDays(due.day()))
                .flatMap(answer -> calls.download(
                                URI.create(answer.path("download_url").asText()))
                        .emitOn(Infrastructure.getDefaultWorkerPool())
                        .map(file -> bill(answer, file)))
                .flatMap(bill -> store.store(due.day(), bill).invoke(stored -> {
                    metrics.bill(Outcome.FETCHED);
                    LOG.infof(
                            "Bill is fetched day=%s lines=%d",
                            PacketId.EPOCH.plusDays(due.day()), bill.lines().size());
                }))
                .onFailure()
                .recoverWithUni(failure -> switch (failure) {
                    case Trouble trouble
                    when trouble.code().equals(NO_BILL) ->
                        due.tryCount() >= EMPTY_AFTER_TRIES
                                ? store.store(due.day(), FundFlowBill.EMPTY)
                                        .invoke(stored -> metrics.bill(Outcome.EMPTY))
                                : later(due, Outcome.ABSENT, NO_BILL);
                    case Trouble trouble -> later(due, Outcome.FAILED, trouble.code());
                    case IllegalArgumentException damaged ->
                        later(due, Outcome.DAMAGED, "DAMAGED: " + damaged.getMessage());
                    default -> later(due, Outcome.FAILED, "NOT_STORED");
                });
    }

    private static FundFlowBill bill(JsonNode answer, byte[] file) {
        if (!answer.path("hash_type").asText().equals("SHA1")
                || !answer.path("hash_value").asText().equalsIgnoreCase(sha1(file))) {
            throw new IllegalArgumentException("the file is not what its hash says");
        }
        return FundFlowBill.parse(file);
    }

    private static String sha1(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(file));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Uni<Void> later(Due due, Outcome outcome, String word) {
        metrics.bill(outcome);
        Duration wait = RETRY_MIN.multipliedBy(1L << Math.min(due.tryCount() - 1, 10));
        LOG.warnf(
                "Bill is asked for later day=%s outcome=%s word=%s", PacketId.EPOCH.plusDays(due.day()), outcome, word);
        return store.later(due.day(), wait.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : wait, word);
    }
}
