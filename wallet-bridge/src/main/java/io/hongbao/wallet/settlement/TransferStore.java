package io.hongbao.wallet.settlement;

import io.hongbao.core.id.PacketId;
import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.settlement.DueTransfer.Kind;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** The tables of transfers and of stuck transfers, as settlement writes them. */
@ApplicationScoped
class TransferStore {
    /** A batch takes tens of milliseconds; nobody waits for it but the next batch. */
    private static final Duration BATCH_TIME_MAX = Duration.ofSeconds(8);

    /**
     * Books what is not booked yet, then moves the sums of what was really booked. Transfers, escrow accounts and wallets
     * are each taken in the order of their ids, and in this order of kinds, so that two of these statements never wait for
     * each other in a circle. An escrow that holds too little fails its CHECK and one that does not exist fails the
     * division; either way nothing of the batch is done. $8 tells whether the money goes on to its owner, outside.
     */
    private static final Statement BOOK = new Statement("transfers_book", BATCH_TIME_MAX, """
        with due as (
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[],
                $7::timestamptz[])
                as d(transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, decided_at)),
        booked as (
            insert into transfer
                (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, decided_at)
            select * from due order by transfer_id
            on conflict (transfer_id) do nothing
            returning transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, decided_at),
        debit as (
            select debit_account as account_id, sum(amount_fen)::int8 as amount_fen from booked group by 1),
        escrow as (
            select account_id from account
            where account_id in (select account_id from debit)
            order by account_id for update),
        debited as (
            update account a set balance_fen = a.balance_fen - d.amount_fen
            from debit d
            where a.account_id = d.account_id and 1 / ((select count(*) from escrow)
                = (select count(*) from debit))::int = 1
            returning 1),
        credited as (
            insert into account as a (account_id, kind, balance_fen)
            select credit_account, 'USER', sum(amount_fen) from booked
            where (select count(*) from debited) > 0
            group by 1 order by 1
            on conflict (account_id) do update set balance_fen = a.balance_fen + excluded.balance_fen),
        carried_on as (
            insert into payout (payout_no, transfer_id, kind, packet_id, user_id, amount_fen, decided_at)
            select payout_number(transfer_id, packet_id, 1), transfer_id,
                case kind when 'CREDIT' then 'TRANSFER' else 'REFUND' end, packet_id,
                substr(credit_account, length('user:') + 1), amount_fen, decided_at
            from booked where $8)
        select transfer_id from booked
        """);

    private static final Statement FIND = new Statement("transfers_find", BATCH_TIME_MAX, """
        select transfer_id, credit_account, amount_fen from transfer where transfer_id = any($1::text[])
        """);

    private static final Statement SET_ASIDE = new Statement("transfers_set_aside", BATCH_TIME_MAX, """
        insert into stuck_transfer
            (transfer_id, kind, user_id, packet_id, amount_fen, occurred_at, reason)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::timestamptz[], $7::text[])
        on conflict (transfer_id) do nothing
        returning transfer_id
        """);

    private static final Statement SET_ASIDE_FIND = new Statement("stuck_find", BATCH_TIME_MAX, """
        select kind, user_id, packet_id, amount_fen, occurred_at from stuck_transfer
        where settled_at is null and reason <> 'CONFLICT'
        order by stuck_at, transfer_id limit $1
        """);

    private static final Statement SET_ASIDE_SETTLED = new Statement("stuck_settled", BATCH_TIME_MAX, """
        update stuck_transfer set settled_at = now()
        where transfer_id = any($1::text[]) and settled_at is null
        """);

    private static final Statement SET_ASIDE_COUNT =
            new Statement("stuck_count", "select count(*) from stuck_transfer where settled_at is null");

    /** Why a transfer is stuck. */
    enum StuckReason {
        /** The escrow of its packet does not hold the amount, or does not exist. */
        ESCROW,
        /** Another amount or receiver is booked under its id. */
        CONFLICT
    }

    /** A transfer to set aside. */
    record Stuck(DueTransfer transfer, StuckReason reason) {}

    /** A transfer as it is booked. */
    record Booked(String transferId, String creditAccount, long amountFen) {
        boolean is(DueTransfer due) {
            return amountFen == due.amountFen() && creditAccount.equals(due.creditAccount());
        }
    }

    private final Ledger ledger;
    private final PaymentProvider provider;

    TransferStore(Ledger ledger, PaymentProvider provider) {
        this.ledger = ledger;
        this.provider = provider;
    }

    /**
     * Books a batch, all of it or nothing. Fails with an error that {@link Ledger#isImpossible} if an escrow cannot pay.
     *
     * @param batch no two with the same transfer id
     * @return ids of those that were not booked before
     */
    Uni<Set<String>> book(Collection<DueTransfer> batch) {
        Tuple arguments = Tuple.tuple()
                .addArrayOfString(strings(batch, DueTransfer::transferId))
                .addArrayOfString(strings(batch, transfer -> transfer.kind().name()))
                .addArrayOfString(strings(batch, DueTransfer::debitAccount))
                .addArrayOfString(strings(batch, DueTransfer::creditAccount))
                .addArrayOfLong(longs(batch, DueTransfer::amountFen))
                .addArrayOfLong(longs(batch, transfer -> transfer.packet().value()))
                .addArrayOfOffsetDateTime(decidedAt(batch))
                .addBoolean(!provider.holdsWallets());
        return ledger.run(BOOK, arguments).map(rows -> {
            Set<String> booked = HashSet.newHashSet(rows.size());
            rows.forEach(row -> booked.add(row.getString(0)));
            return booked;
        });
    }

    Uni<List<Booked>> find(Collection<String> transferIds) {
        return ledger.run(FIND, Tuple.tuple().addArrayOfString(transferIds.toArray(String[]::new)))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Booked(row.getString(0), row.getString(1), row.getLong(2)))
                        .toList());
    }

    /** @return ids of those that were not set aside before */
    Uni<Set<String>> setAside(Collection<Stuck> stuck) {
        var transfers = stuck.stream().map(Stuck::transfer).toList();
        Tuple arguments = Tuple.tuple()
                .addArrayOfString(strings(transfers, DueTransfer::transferId))
                .addArrayOfString(strings(transfers, transfer -> transfer.kind().name()))
                .addArrayOfString(strings(transfers, DueTransfer::userId))
                .addArrayOfLong(longs(transfers, transfer -> transfer.packet().value()))
                .addArrayOfLong(longs(transfers, DueTransfer::amountFen))
                .addArrayOfOffsetDateTime(decidedAt(transfers))
                .addArrayOfString(stuck.stream().map(one -> one.reason().name()).toArray(String[]::new));
        return ledger.run(SET_ASIDE, arguments).map(rows -> {
            Set<String> added = HashSet.newHashSet(rows.size());
            rows.forEach(row -> added.add(row.getString(0)));
            return added;
        });
    }

    /** Transfers that are stuck and might be booked once their escrow is repaired, oldest first. */
    Uni<List<DueTransfer>> stuck(int countMax) {
        return ledger.run(SET_ASIDE_FIND, Tuple.of(countMax))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(TransferStore::due)
                        .toList());
    }

    Uni<Long> stuckCount() {
        return ledger.run(SET_ASIDE_COUNT, Tuple.tuple())
                .map(rows -> rows.iterator().next().getLong(0));
    }

    Uni<Void> stuckSettled(Collection<String> transferIds) {
        return ledger.run(SET_ASIDE_SETTLED, Tuple.tuple().addArrayOfString(transferIds.toArray(String[]::new)))
                .replaceWithVoid();
    }

    private static DueTransfer due(Row row) {
        return new DueTransfer(
                Kind.valueOf(row.getString("kind")),
                new PacketId(row.getLong("packet_id")),
                row.getString("user_id"),
                row.getLong("amount_fen"),
                row.getOffsetDateTime("occurred_at").toInstant());
    }

    private static OffsetDateTime[] decidedAt(Collection<DueTransfer> transfers) {
        return transfers.stream()
                .map(transfer -> transfer.occurredAt().atOffset(ZoneOffset.UTC))
                .toArray(OffsetDateTime[]::new);
    }

    private static String[] strings(Collection<DueTransfer> transfers, Function<DueTransfer, String> column) {
        return transfers.stream().map(column).toArray(String[]::new);
    }

    private static Long[] longs(Collection<DueTransfer> transfers, Function<DueTransfer, Long> column) {
        return transfers.stream().map(column).toArray(Long[]::new);
    }
}
