package io.hongbao.wallet.payout;

import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.payout.Payout.Kind;
import io.hongbao.wallet.provider.Pace;
import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.settlement.DueTransfer;
import io.hongbao.wallet.settlement.TransferEvents;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Carries on what was booked into wallets, to where a provider keeps money. The row of a payout is written by the statement
 * that books it; its number never changes while its outcome may be unknown.
 *
 * <pre>
 *            ┌── under way, unanswered, too fast, not enough, refused: later, same number ──┐
 *            ▼                                                                              │
 * booked ─▶ DUE ─┬─ asked, or asked about ──────────────────────────────────────────────────┘
 *            ▲   ├─ the owner has it ────────────────▶ DONE
 *   release  │   └─ failed, or refused too often ────▶ SUSPENDED: wallet ─▶ suspense, alarm
 *            └──────────────────────────────────────────────┘  (failed: REPLACED by the next number)
 * </pre>
 */
@ApplicationScoped
public class Payouts {
    private static final Logger LOG = Logger.getLogger(Payouts.class);

    /** Of each call at once: taken together, so that few statements ask for work. */
    private static final int PAGE_PER_CALL = 4;
    /** While we are behind one page in this many goes to the oldest: small amounts wait, but not for ever. */
    private static final int OLDEST_EVERY = 4;

    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);

    private final PaymentProvider provider;
    private final PayoutStore store;
    private final TransferEvents transferEvents;
    private final PayoutConfig config;
    private final WalletMetrics metrics;
    private final Pace pace;
    private volatile Duration pause = PAUSE_MIN;
    private long pageCount;

    Payouts(
            PaymentProvider provider,
            PayoutStore store,
            TransferEvents transferEvents,
            PayoutConfig config,
            WalletMetrics metrics) {
        this.provider = provider;
        this.store = store;
        this.transferEvents = transferEvents;
        this.config = config;
        this.metrics = metrics;
        this.pace = new Pace(config.perSecondMax());
    }

    /** Takes pages until nothing is due. */
    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return provider.payouts()
                .map(channel -> pages(channel, false)
                        .onFailure()
                        .invoke(failure -> LOG.warnf("Payouts were not looked at cause=%s", failure.getMessage()))
                        .onFailure()
                        .recoverWithNull())
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    private Uni<Void> pages(PayoutChannel channel, boolean behind) {
        int size = PAGE_PER_CALL * config.inFlightMax();
        boolean largestFirst = behind && ++pageCount % OLDEST_EVERY != 0;
        return store.take(size, largestFirst)
                .flatMap(page -> page(channel, page)
                        .flatMap(done -> page.size() < size ? Uni.createFrom().voidItem() : pages(channel, true)));
    }

    private Uni<Void> page(PayoutChannel channel, List<Payout> page) {
        return Multi.createFrom()
                .iterable(page)
                .onItem()
                .transformToUni(payout -> payout.done()
                        ? Uni.createFrom().item(List.of(payout))
                        : look(channel, payout).map(done -> done ? List.of(payout) : List.<Payout>of()))
                .merge(config.inFlightMax())
                .collect()
                .asList()
                .flatMap(done -> tell(done.stream().flatMap(List::stream).toList()));
    }

    /** One that was asked for before is asked about first. @return whether its owner has it now */
    private Uni<Boolean> look(PayoutChannel channel, Payout payout) {
        return pace.turn(1)
                .flatMap(now -> payout.tryCount() == 1 ? channel.ask(payout) : askedAgain(channel, payout))
                .flatMap(news -> hear(payout, news))
                .onFailure()
                .invoke(failure -> LOG.warnf(
                        "Payout is looked at later payout=%s cause=%s", payout.number(), failure.getMessage()))
                .onFailure()
                .recoverWithItem(false);
    }

    private Uni<PayoutNews> askedAgain(PayoutChannel channel, Payout payout) {
        return channel.standing(payout)
                .flatMap(news -> news instanceof PayoutNews.Absent
                        ? pace.turn(1).flatMap(now -> channel.ask(payout))
                        : Uni.createFrom().item(news));
    }

    /**
     * Takes note of what the provider says, asked or unasked.
     *
     * @return whether the owner has the money by this; then {@link #tell} it
     */
    private Uni<Boolean> hear(Payout payout, PayoutNews news) {
        metrics.payout(payout.kind(), news);
        if (!(news instanceof PayoutNews.TooFast)) {
            pause = PAUSE_MIN;
        }
        return switch (news) {
            case PayoutNews.Done done ->
                store.done(payout.number(), done.providerNumber()).invoke(first -> {
                    if (first) {
                        metrics.paidOut(Duration.between(payout.decidedAt(), Instant.now()));
                    }
                });
            case PayoutNews.Failed failed -> suspend(payout, failed.word(), failed.forGood());
            case PayoutNews.UnderWay underWay ->
                later(payout, config.retryMin(), underWay.state(), underWay.packageText(), false);
            // Asked for and not there: the next look asks for it again, under the same number.
            case PayoutNews.Absent absent -> later(payout, config.retryMin(), "ABSENT", "", false);
            case PayoutNews.Unanswered unanswered -> later(payout, config.retryMin(), unanswered.word(), "", false);
            case PayoutNews.TooFast tooFast -> {
                // Calls in flight are refused together: that is one refusal, and not sixteen doublings.
                if (pace.pause(pause)) {
                    Duration twice = pause.multipliedBy(2);
                    pause = twice.compareTo(config.pauseMax()) > 0 ? config.pauseMax() : twice;
                }
                yield later(payout, config.retryMin(), tooFast.word(), "", false);
            }
            case PayoutNews.NotEnough notEnough -> {
                LOG.errorf(
                        "The merchant's account holds too little for a payout payout=%s amount_fen=%d",
                        payout.number(), payout.amountFen());
                yield later(payout, config.retryMin(), notEnough.word(), "", false);
            }
            case PayoutNews.Refused refused ->
                payout.refusalCount() + 1 >= config.refusalCountMax()
                        ? suspend(payout, refused.word(), false)
                        : later(payout, config.retryMin(), refused.word(), "", true);
        };
    }

    /** What the provider tells by itself. */
    public Uni<Void> told(Payout payout, PayoutNews news) {
        return hear(payout, news)
                .flatMap(done -> done ? tell(List.of(payout)) : Uni.createFrom().voidItem());
    }

    private Uni<Boolean> later(Payout payout, Duration first, String word, String packageText, boolean refused) {
        Duration wait = first.multipliedBy(1L << Math.min(Math.max(payout.tryCount() - 1, 0), 20));
        return store.later(
                        payout.number(),
                        wait.compareTo(config.retryMax()) > 0 ? config.retryMax() : wait,
                        word,
                        packageText,
                        refused)
                .replaceWith(false);
    }

    private Uni<Boolean> suspend(Payout payout, String word, boolean failed) {
        return store.suspend(payout.number(), word, failed)
                .invoke(first -> {
                    if (first) {
                        metrics.suspended(payout.kind());
                        LOG.errorf(
                                "Payout is given up and its money is in suspense payout=%s amount_fen=%d word=%s",
                                payout.number(), payout.amountFen(), word);
                    }
                })
                .replaceWith(false);
    }

    private Uni<Void> tell(List<Payout> done) {
        List<Payout> shares =
                done.stream().filter(payout -> payout.kind() == Kind.TRANSFER).toList();
        if (shares.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return transferEvents
                .tell(shares.stream()
                        .map(payout -> new DueTransfer(
                                DueTransfer.Kind.CREDIT,
                                payout.packet(),
                                payout.userId(),
                                payout.amountFen(),
                                payout.decidedAt()))
                        .toList())
                .flatMap(told -> store.told(shares.stream().map(Payout::number).toList()));
    }

    /** Keeps the backlog and the suspense account in sight. */
    @Scheduled(every = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> measure() {
        if (provider.payouts().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return store.backlog()
                .invoke(backlog -> metrics.payoutBacklog(
                        backlog.waitingCount(),
                        backlog.oldestSeconds(),
                        backlog.suspendedCount(),
                        backlog.suspenseFen()))
                .replaceWithVoid()
                .onFailure()
                .recoverWithNull();
    }
}
