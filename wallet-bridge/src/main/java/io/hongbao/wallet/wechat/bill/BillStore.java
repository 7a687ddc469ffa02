package io.hongbao.wallet.wechat.bill;

import io.hongbao.wallet.ledger.Ledger;
import io.hongbao.wallet.ledger.Ledger.Statement;
import io.hongbao.wallet.wechat.bill.FundFlowBill.Line;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** The tables of the provider's bills. Reconciliation compares them, and asks for one by a row. */
@ApplicationScoped
class BillStore {
    /** Longer than a download takes; after it another pod may try. */
    private static final Duration LEASE = Duration.ofMinutes(5);
    /** A bill of some hundred thousand lines is written by one statement. */
    private static final Duration STORE_TIME_MAX = Duration.ofMinutes(1);

    /** Yesterday in China, once the bill is there. Bills as old as WeChat Pay itself keeps them are forgotten. */
    private static final Statement WANT = new Statement("bill_want", """
        with china as (select now() at time zone 'Asia/Shanghai' as time),
        today as (select time::date - date '2020-01-01' as day, time::time as time from china),
        old as (delete from provider_bill b using today t where b.day < t.day - 100)
        insert into provider_bill (day) select day - 1 from today where time >= $1 on conflict (day) do nothing
        """);

    private static final Statement TAKE = new Statement("bill_take", """
        update provider_bill b set try_count = b.try_count + 1, next_at = now() + make_interval(secs => $1)
        from (select day from provider_bill where next_at <= now() order by next_at limit 1 for update skip locked) as due
        where b.day = due.day returning b.day, b.try_count
        """);

    private static final Statement LATER = new Statement("bill_later", """
        update provider_bill set next_at = now() + make_interval(secs => $2), last_word = $3
        where day = $1 and state = 'WANTED'
        """);

    /** All lines with the row that says so, or nothing. */
    private static final Statement STORE = new Statement("bill_store", STORE_TIME_MAX, """
        with bill as (
            update provider_bill set state = 'FETCHED', fetched_at = now(), next_at = null, last_word = '',
                line_count = $2, income_fen = $3, outgo_fen = $4
            where day = $1 and state = 'WANTED' returning day)
        insert into provider_bill_line (day, line, at, provider_no, business, amount_fen)
        select bill.day, l.* from bill, unnest($5::int4[], $6::timestamptz[], $7::text[], $8::text[], $9::int8[]) as l
        """);

    /** @param day days since 2020-01-01 @param tryCount this time included */
    record Due(int day, int tryCount) {}

    private final Ledger ledger;

    BillStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** @param from of a day in China: when the bill of the day before is there */
    Uni<Void> want(LocalTime from) {
        return ledger.run(WANT, Tuple.of(from)).replaceWithVoid();
    }

    Uni<Optional<Due>> take() {
        return ledger.run(TAKE, Tuple.of((double) LEASE.toSeconds()))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new Due(row.getInteger("day"), row.getInteger("try_count")))
                        .findFirst());
    }

    Uni<Void> later(int day, Duration wait, String word) {
        return ledger.run(LATER, Tuple.of(day, (double) wait.toSeconds(), word)).replaceWithVoid();
    }

    Uni<Void> store(int day, FundFlowBill bill) {
        List<Line> lines = bill.lines();
        return ledger.run(
                        STORE,
                        Tuple.tuple()
                                .addInteger(day)
                                .addInteger(lines.size())
                                .addLong(bill.incomeFen())
                                .addLong(bill.outgoFen())
                                .addArrayOfInteger(IntStream.rangeClosed(1, lines.size())
                                        .boxed()
                                        .toArray(Integer[]::new))
                                .addArrayOfOffsetDateTime(
                                        lines.stream().map(Line::at).toArray(OffsetDateTime[]::new))
                                .addArrayOfString(
                                        lines.stream().map(Line::providerNumber).toArray(String[]::new))
                                .addArrayOfString(
                                        lines.stream().map(Line::business).toArray(String[]::new))
                                .addArrayOfLong(
                                        lines.stream().map(Line::amountFen).toArray(Long[]::new)))
                .replaceWithVoid();
    }
}
