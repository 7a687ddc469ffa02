package io.hongbao.wallet.payout;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.hongbao.wallet.payout.Payout.Kind;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The table of payouts, and the bookings they end in. Every step is one statement, guarded by the state of the row. */
@ApplicationScoped
public class PayoutStore {
    /** Longest time that a pod may take over what it was given; after it another pod looks at it. */
    private static final Duration LEASE = Duration.ofSeconds(60);

    private static final String TAKEN = """
        update payout p set try_count = try_count + 1, next_at = now() + make_interval(secs => $2)
        from due d, payment y
        where p.payout_no = d.payout_no and y.packet_id = p.packet_id
        returning p.*, y.amount_fen as paid_fen
        """;

    /** Each is given to one pod. */
    private static final Statement TAKE_OLDEST = new Statement("payout_take_oldest", """
        with due as (
            select payout_no from payout where next_at <= now()
            order by next_at limit $1 for update skip locked)
        """ + TAKEN);

    private static final Statement TAKE_LARGEST = new Statement("payout_take_largest", """
        with due as (
            select payout_no from payout where next_at <= now()
            order by amount_fen desc limit $1 for update skip locked)
        """ + TAKEN);

    private static final Statement FIND = new Statement("payout_find", """
        select p.*, y.amount_fen as paid_fen from payout p join payment y using (packet_id) where payout_no = $1
        """);

    /** What every booking of a payout does: $1 its number. The row that decides is {@code moved}. */
    private static final String BOOKED = """
        booked as (
            insert into transfer
                (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, decided_at)
            select id, kind, debit, credit, amount_fen, packet_id, decided_at from moved
            returning debit_account, credit_account, amount_fen),
        taken as (
            update account a set balance_fen = a.balance_fen - b.amount_fen
            from booked b where a.account_id = b.debit_account),
        given as (
            update account a set balance_fen = a.balance_fen + b.amount_fen
            from booked b where a.account_id = b.credit_account)
        select amount_fen from booked
        """;

    /** $2 the provider's number, $3 seconds until it is told by somebody else if not by us. */
    private static final Statement DONE = new Statement("payout_done", """
        with moved as (
            update payout set state = 'DONE', done_at = now(), provider_no = $2, last_word = '', package_text = '',
                next_at = case kind when 'TRANSFER' then now() + make_interval(secs => $3) end
            where payout_no = $1 and state = 'DUE'
            returning 'payout:' || payout_no as id, 'PAYOUT' as kind, 'user:' || user_id as debit,
                'external' as credit, amount_fen, packet_id, decided_at),
        """ + BOOKED);

    /** $2 the last word, $3 whether this number has failed for good. */
    private static final Statement SUSPEND = new Statement("payout_suspend", """
        with moved as (
            update payout set state = 'SUSPENDED', suspend_count = suspend_count + 1, last_word = $2, failed = $3,
                package_text = '', next_at = null
            where payout_no = $1 and state = 'DUE'
            returning 'suspense:' || payout_no || ':' || suspend_count as id, 'SUSPENSE' as kind,
                'user:' || user_id as debit, 'suspense' as credit, amount_fen, packet_id, decided_at),
        """ + BOOKED);

    /** The same number again, unless it has failed for good: then the next number of the same booking. */
    private static final Statement RELEASE = new Statement("payout_release", """
        with released as (
            update payout set state = case when failed then 'REPLACED' else 'DUE' end, refusal_count = 0,
                next_at = case when failed then null else now() end
            where payout_no = $1 and state = 'SUSPENDED'
            returning *),
        again as (
            insert into payout
                (payout_no, transfer_id, attempt, kind, packet_id, user_id, amount_fen, decided_at)
            select payout_number(transfer_id, packet_id, attempt + 1), transfer_id, attempt + 1, kind, packet_id,
                user_id, amount_fen, decided_at
            from released where failed),
        moved as (
            select 'release:' || payout_no || ':' || suspend_count as id, 'RELEASE' as kind, 'suspense' as debit,
                'user:' || user_id as credit, amount_fen, packet_id, decided_at
            from released),
        """ + BOOKED);

    /** $2 seconds until the next look, $3 the last word, $4 what the receiver needs, $5 whether it was a refusal. */
    private static final Statement LATER = new Statement("payout_later", """
        update payout set next_at = now() + make_interval(secs => $2), last_word = $3,
            package_text = case when $4 = '' then package_text else $4 end, refusal_count = refusal_count + $5
        where payout_no = $1 and state = 'DUE'
        """);

    private static final Statement TOLD = new Statement("payout_told", """
        update payout set next_at = null where payout_no = any($1::text[]) and state = 'DONE'
        """);

    private static final Statement BACKLOG = new Statement("payout_backlog", """
        select (select count(*) from payout where next_at is not null and state = 'DUE'),
            coalesce((select extract(epoch from now() - min(decided_at)) from payout
                where next_at is not null and state = 'DUE'), 0)::float8,
            (select count(*) from payout where state = 'SUSPENDED'),
            coalesce((select balance_fen from account where account_id = 'suspense'), 0)
        """);

    private static final Statement SUSPENDED = new Statement("payout_suspended", """
        select p.*, y.amount_fen as paid_fen from payout p join payment y using (packet_id)
        where p.state = 'SUSPENDED' order by p.created_at limit $1
        """);

    /** @param word what the provider said at last @param failed whether another number is needed */
    public record Suspended(Payout payout, String word, boolean failed) {}

    /** @param waitingCount payouts without an outcome @param oldestSeconds since the oldest of them was decided */
    record Backlog(long waitingCount, double oldestSeconds, long suspendedCount, long suspenseFen) {}

    private final Ledger ledger;

    public PayoutStore(Ledger ledger) {
        this.ledger = ledger;
    }

    Uni<List<Payout>> take(int countMax, boolean largestFirst) {
        return ledger.run(largestFirst ? TAKE_LARGEST : TAKE_OLDEST, Tuple.of(countMax, seconds(LEASE)))
                .map(PayoutStore::payouts);
    }

    public Uni<Optional<Payout>> find(String number) {
        return ledger.run(FIND, Tuple.of(number))
                .map(rows -> payouts(rows).stream().findFirst());
    }

    /** @return whether this did it; if not, it was done before, or is suspended */
    Uni<Boolean> done(String number, String providerNumber) {
        return ledger.run(DONE, Tuple.of(number, providerNumber, seconds(LEASE)))
                .map(rows -> rows.size() == 1);
    }

    /** @return whether this did it */
    Uni<Boolean> suspend(String number, String word, boolean failed) {
        return ledger.run(SUSPEND, Tuple.of(number, word, failed)).map(rows -> rows.size() == 1);
    }

    /** Takes the money out of suspense and has the provider asked again. @return whether it was in suspense */
    public Uni<Boolean> release(String number) {
        return ledger.run(RELEASE, Tuple.of(number)).map(rows -> rows.size() == 1);
    }

    Uni<Void> later(String number, Duration wait, String word, String packageText, boolean refused) {
        return ledger.run(LATER, Tuple.of(number, seconds(wait), word, packageText, refused ? 1 : 0))
                .replaceWithVoid();
    }

    Uni<Void> told(Collection<String> numbers) {
        return ledger.run(TOLD, Tuple.tuple().addArrayOfString(numbers.toArray(String[]::new)))
                .replaceWithVoid();
    }

    Uni<Backlog> backlog() {
        return ledger.run(BACKLOG, Tuple.tuple()).map(rows -> {
            Row row = rows.iterator().next();
            return new Backlog(row.getLong(0), row.getDouble(1), row.getLong(2), row.getLong(3));
        });
    }

    /** What is in suspense, oldest first. */
    public Uni<List<Suspended>> suspended(int countMax) {
        return ledger.run(SUSPENDED, Tuple.of(countMax))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Suspended(payout(row), row.getString("last_word"), row.getBoolean("failed")))
                        .toList());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private static List<Payout> payouts(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(PayoutStore::payout)
                .toList();
    }

    private static Payout payout(Row row) {
        Instant decidedAt = row.getOffsetDateTime("decided_at").toInstant();
        return new Payout(
                row.getString("payout_no"),
                Kind.valueOf(row.getString("kind")),
                new PacketId(row.getLong("packet_id")),
                row.getString("user_id"),
                row.getLong("amount_fen"),
                row.getLong("paid_fen"),
                decidedAt,
                row.getString("state").equals("DONE"),
                row.getInteger("try_count"),
                row.getInteger("refusal_count"));
    }
}
