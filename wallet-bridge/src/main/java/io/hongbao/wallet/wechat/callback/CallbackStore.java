package io.hongbao.wallet.wechat.callback;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** What callbacks leave behind, for all pods: signatures that are used up, and notifications that are done. */
@ApplicationScoped
class CallbackStore {
    private static final Statement ADMIT = new Statement("callback_admit", """
        with fresh as (
            insert into callback_nonce (nonce) values ($1) on conflict do nothing returning 1)
        select exists (select from fresh), exists (select from callback_done where notification_id = $2)
        """);

    private static final Statement DONE = new Statement("callback_done", """
        insert into callback_done (notification_id, packet_id, subject) values ($1, $2, $3) on conflict do nothing
        """);

    /** Twice the time a signature is believed; and longer than WeChat Pay repeats a notification, which is a day. */
    private static final Statement FORGET = new Statement("callback_forget", """
        with nonces as (delete from callback_nonce where seen_at < now() - interval '10 minutes')
        delete from callback_done where done_at < now() - interval '3 days'
        """);

    /** @param fresh whether the nonce was never seen @param done whether the notification has had its effect */
    record Admission(boolean fresh, boolean done) {}

    private final Ledger ledger;

    CallbackStore(Ledger ledger) {
        this.ledger = ledger;
    }

    Uni<Admission> admit(String nonce, String notificationId) {
        return ledger.run(ADMIT, Tuple.of(nonce, notificationId)).map(rows -> {
            var row = rows.iterator().next();
            return new Admission(row.getBoolean(0), row.getBoolean(1));
        });
    }

    Uni<Void> done(String notificationId, Subject subject, PacketId packet) {
        return ledger.run(DONE, Tuple.of(notificationId, packet.value(), subject.name()))
                .replaceWithVoid();
    }

    @Scheduled(every = "60s", delayed = "60s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> forget() {
        return ledger.run(FORGET, Tuple.tuple()).replaceWithVoid().onFailure().recoverWithNull();
    }
}
