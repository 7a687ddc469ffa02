package io.hongbao.wallet.payment;

import io.grpc.Context;
import io.grpc.Deadline;
import io.hongbao.core.id.PacketId;
import io.hongbao.kit.GroupCommit;
import io.hongbao.kit.GroupCommit.Limits;
import io.hongbao.wallet.WalletMetrics;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.payment.PaymentRecord.Asked;
import io.hongbao.wallet.payment.PaymentStore.Confirmation;
import io.hongbao.wallet.payment.PaymentStore.NewPayment;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What callers do to payments, many at once: those that arrive while a statement is under way go into the next one. A
 * statement for fifty payments costs the ledger a few times what one for a single payment does, and its fsync exactly the
 * same. A payment that a statement leaves undone, for whatever reason, is then asked for by itself.
 */
@Startup
@ApplicationScoped
public class PaymentBatches {
    /**
     * A larger batch saves nothing more, and holds up its first caller. Two thousand may wait: more would not be answered
     * while their callers have patience. One lane: fewer, larger batches win, and a batch waits for nobody's wallet.
     */
    static final Limits LIMITS = new Limits(512, 2_048, 1);

    /** What the ledger is asked to do. Each has a queue of its own. */
    enum Kind {
        CREATE,
        CONFIRM,
        FIND
    }

    private final GroupCommit<Kind, NewPayment, Optional<Asked>> creations;
    private final GroupCommit<Kind, Confirmation, Optional<Asked>> confirmations;
    private final GroupCommit<Kind, PacketId, Optional<PaymentRecord>> reads;

    @Inject
    PaymentBatches(Vertx vertx, PaymentStore store, WalletMetrics metrics) {
        this(startedBy(vertx), store, metrics);
    }

    /** @param starter where the first of some batches is started */
    public PaymentBatches(Executor starter, PaymentStore store, WalletMetrics metrics) {
        this.creations = commits(starter, metrics, Kind.CREATE, store::create);
        this.confirmations = commits(starter, metrics, Kind.CONFIRM, store::confirm);
        this.reads = commits(starter, metrics, Kind.FIND, store::find);
    }

    /** This bean is made at start-up, so this is no request's context: a batch belongs to none of its requests. */
    private static Executor startedBy(Vertx vertx) {
        var context = vertx.getOrCreateContext();
        return command -> context.runOnContext(started -> command.run());
    }

    private static <R, T> GroupCommit<Kind, R, T> commits(
            Executor starter, WalletMetrics metrics, Kind kind, Function<List<R>, Uni<List<T>>> statement) {
        var sizes = metrics.paymentBatches(kind);
        var commits = new GroupCommit<Kind, R, T>(
                (key, requests) -> {
                    sizes.record(requests.size());
                    return statement.apply(requests).subscribeAsCompletionStage();
                },
                Ledger::isImpossible,
                LIMITS,
                starter);
        metrics.watchPayments(kind, commits::waitingCount);
        return commits;
    }

    /**
     * Makes a payment, unless its caller has gone by then.
     *
     * @return empty if something is in its way; fails with what the ledger fails with, OVERLOADED or DEADLINE_PASSED
     */
    Uni<Optional<Asked>> create(NewPayment payment) {
        BooleanSupplier wanted = whileWanted();
        return Uni.createFrom().completionStage(() -> creations.submit(Kind.CREATE, payment, wanted));
    }

    /**
     * Confirms a payment and moves its money, unless its caller has gone by then.
     *
     * @return empty if this did not confirm it, whatever the reason; fails like {@link #create}
     */
    Uni<Optional<Asked>> confirm(Confirmation confirmation) {
        BooleanSupplier wanted = whileWanted();
        return Uni.createFrom().completionStage(() -> confirmations.submit(Kind.CONFIRM, confirmation, wanted));
    }

    /** The payment of an order as it stands now; empty if it has none. */
    Uni<Optional<PaymentRecord>> find(PacketId packet) {
        return Uni.createFrom().completionStage(() -> reads.submit(Kind.FIND, packet, () -> true));
    }

    /** Who has waited for as long as one answer may take has given up, whatever deadline the call has. */
    private static BooleanSupplier whileWanted() {
        Deadline deadline = Context.current().getDeadline();
        long begunNanos = System.nanoTime();
        return () -> (deadline == null || !deadline.isExpired())
                && System.nanoTime() - begunNanos < Ledger.ANSWER_TIME_MAX.toNanos();
    }
}
