package io.hongbao.cli.recon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.stack.Database;
import io.hongbao.core.id.PacketId;
import io.hongbao.schema.Migrations;
import io.hongbao.stackprocess.LocalStack;
import io.hongbao.stackprocess.LocalStack.Options;
import io.hongbao.stackprocess.LocalStack.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A bill against a ledger on a real PostgreSQL. Each test has a day of its own, long ago, with one packet paid out. */
class BillTest {
    private static final LocalStack STACK = LocalStack.shared(new Options(Optional.empty(), EnumSet.of(Server.PG), 1));
    private static final Database LEDGER = new Database(
            STACK.jdbcUrl("core", "ledger"), STACK.pgUrl("core", "ledger"), LocalStack.USER, LocalStack.PASSWORD);
    private static final long PAID_FEN = 100;
    private static final long SHARE_FEN = 40;
    private static int lastDay = 1_000;

    private final int day = lastDay += 10;
    private final long packet = PacketId.of(PacketId.NORTH, day, 7, 1, 0).value();
    private final Bill bill = new Bill(LEDGER, PacketId.NORTH, day, Duration.ofMillis(1));
    private int line;

    @BeforeAll
    static void migrate() {
        Migrations.migrate(Migrations.Kind.LEDGER, LEDGER.jdbcUrl(), LEDGER.user(), LEDGER.password());
    }

    @Test
    void shouldFindNothingWhereEveryMovementIsBooked() throws Exception {
        paidOut();
        fetched();
        line("T", "交易", PAID_FEN);
        line("B", "转账", -SHARE_FEN);

        Report report = bill.compare();

        assertEquals(List.of(), report.differences());
        assertEquals(0, report.sets().getFirst().conservationFen());
    }

    @Test
    void shouldNameAnotherAmount() throws Exception {
        paidOut();
        fetched();
        line("T", "交易", PAID_FEN + 1);
        line("B", "转账", -SHARE_FEN);

        assertFound(1, Kind.BILL_DIFFERS);
    }

    @Test
    void shouldNamePaymentsAndPayoutsThatTheBillDoesNotHave() throws Exception {
        paidOut();
        fetched();

        assertFound(SHARE_FEN - PAID_FEN, Kind.BILL_MISSING, Kind.BILL_MISSING);
    }

    @Test
    void shouldNameAMovementOfNobody() throws Exception {
        fetched();
        line("ghost", "交易", 5);

        assertFound(5, Kind.BILL_UNKNOWN);
    }

    @Test
    void shouldNotMindTheMerchantsOwnBusiness() throws Exception {
        paidOut();
        fetched();
        line("T", "交易", PAID_FEN);
        line("T", "扣除交易手续费", -1);
        line("W", "提现", -77);
        line("B", "转账", -SHARE_FEN);

        assertFound(0);
        assertEquals(78, bill.look().orElseThrow().ownFen());
    }

    @Test
    void shouldNotMindATransferThatFailedAndCameBack() throws Exception {
        fetched();
        line("X", "转账", -SHARE_FEN);
        line("X", "转账", SHARE_FEN);

        assertFound(0);
    }

    @Test
    void shouldCompareNothingBeforeTheBillIsHere() throws Exception {
        paidOut();
        bill.want(false);

        assertFalse(bill.look().orElseThrow().fetched());
        assertFound(0);
    }

    private void assertFound(long fen, Kind... kinds) throws Exception {
        Report report = bill.compare();
        assertEquals(
                List.of(kinds),
                report.differences().stream().map(Difference::kind).toList(),
                () -> report.differences().toString());
        assertEquals(fen, report.sets().getFirst().conservationFen());
    }

    /** A payment that came in at noon of the day, and a share of it that went out. */
    private void paidOut() throws SQLException {
        execute("""
                insert into payment (packet_id, payer_id, request_id, amount_fen, parameters_hash, state, confirmed_at)
                values (%d, 'payer', 'r-%d', %d, '\\x00', 'CONFIRMED', now())
                """.formatted(packet, packet, PAID_FEN));
        execute("""
                insert into provider_order (packet_id, state, expires_at, transaction_id, next_ask_at)
                values (%d, 'PAID', now(), '%s', now())
                """.formatted(packet, number("T")));
        transfer("payment:" + packet, "PAYMENT", "external", "escrow:" + packet, PAID_FEN);
        transfer("credit:" + packet + ":user", "CREDIT", "escrow:" + packet, "user:user", SHARE_FEN);
        execute("""
                insert into payout (payout_no, transfer_id, kind, packet_id, user_id, amount_fen, decided_at, state, done_at,
                    provider_no, next_at)
                select payout_number(transfer_id, packet_id, 1), transfer_id, 'TRANSFER', packet_id, 'user', amount_fen,
                    created_at, 'DONE', created_at, '%s', null
                from transfer where transfer_id = 'credit:%d:user'
                """.formatted(number("B"), packet));
    }

    private void transfer(String id, String kind, String debit, String credit, long fen) throws SQLException {
        execute("""
                insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id, created_at)
                values ('%s', '%s', '%s', '%s', %d, %d, '%sT12:00:00+08:00')
                """.formatted(id, kind, debit, credit, fen, packet, PacketId.EPOCH.plusDays(day)));
    }

    private void fetched() throws SQLException {
        execute("insert into provider_bill (day, state, fetched_at, next_at) values (%d, 'FETCHED', now(), null)"
                .formatted(day));
    }

    private void line(String number, String business, long fen) throws SQLException {
        execute("""
                insert into provider_bill_line (day, line, at, provider_no, business, amount_fen)
                values (%d, %d, now(), '%s', '%s', %d)
                """.formatted(day, ++line, number(number), business, fen));
    }

    /** The provider's number, of this day alone. */
    private String number(String name) {
        return name + day;
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = LEDGER.connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
