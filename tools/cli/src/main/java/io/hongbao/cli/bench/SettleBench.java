package io.hongbao.cli.bench;

import com.google.protobuf.util.Timestamps;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.stack.Service;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.OrderEvent;
import io.hongbao.v1.OrderEventBatch;
import io.hongbao.v1.ShareOpened;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Credits from Kafka into the ledger: a backlog of opened shares, and how fast wallet-bridge books it. */
@Command(
        name = "settle",
        description = "Credits per second from Kafka into the ledger, through wallet-bridge.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SettleBench implements Callable<Integer> {
    private static final int SHARE_COUNT = 50;
    private static final long SHARE_FEN = 10;
    /** Shares in one record: what a busy lane commits at once. */
    private static final int RECORD_SHARES = 100;

    private static final int DAY = 2_001;
    private static final int SLOT = 7;
    private static final Duration ROUND_MAX = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(20);

    /** Paid packets: $1 ids, $2 what is in each, fen. */
    private static final String PAID = """
            with paid as (select unnest(?::int8[]) as id, ?::int8 as fen),
            booked as (
                insert into transfer (transfer_id, kind, debit_account, credit_account, amount_fen, packet_id)
                select 'payment:' || id, 'PAYMENT', 'external', 'escrow:' || id, fen, id from paid returning amount_fen),
            owed as (
                update account set balance_fen = balance_fen - (select sum(amount_fen) from booked)
                where account_id = 'external')
            insert into account (account_id, kind, balance_fen) select 'escrow:' || id, 'ESCROW', fen from paid
            """;

    /** Of the identity of transfers: each booking takes one number, and there are no conflicts here. */
    private static final String BOOKED = "select last_value from transfer_sequence_seq";

    private static final String CHECK = """
            select (select count(*) from transfer where kind = 'CREDIT'),
                (select coalesce(sum(balance_fen), 0)::int8 from account),
                (select coalesce(sum(balance_fen), 0)::int8 from account where kind = 'ESCROW')
            """;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--packets", paramLabel = "N", description = "Packets of a round, 50 shares each. Default: 2000.")
    private int packetCount = 2_000;

    @Option(names = "--rounds", paramLabel = "R", description = "Rounds after a warm-up; median. Default: 3.")
    private int rounds = 3;

    @Option(names = "--json", description = "Print one JSON object as the last line; all else goes to standard error.")
    private boolean json;

    private int packetNumber;
    private long creditCount;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (packetCount < 1 || rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--packets and --rounds must be at least 1");
        }
        PrintWriter words = spec.commandLine().getErr();
        var perSecond = new ArrayList<Double>();
        String problem;
        try (var stack = BenchStack.start(Set.of(Service.WALLET), words::println);
                var ledger = stack.running().stores().ledger().connect();
                var producer = new KafkaProducer<byte[], byte[]>(
                        Map.of("bootstrap.servers", stack.running().stores().kafkaBootstrap(), "acks", "all"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            words.println("warm-up: %.0f credits/s".formatted(round(ledger, producer)));
            for (int i = 1; i <= rounds; i++) {
                double rate = round(ledger, producer);
                perSecond.add(rate);
                words.println("round %d: %.0f credits/s".formatted(i, rate));
            }
            problem = problem(ledger);
        }
        double median = perSecond.stream().sorted().toList().get(perSecond.size() / 2);
        words.println("median: %.0f credits/s, %s".formatted(median, problem.isEmpty() ? "conserved" : problem));
        if (json) {
            var object = new LinkedHashMap<String, Object>();
            object.put("bench", "settle");
            object.put("credits_per_s", Math.round(median));
            object.put("conserved", problem.isEmpty());
            object.put("durability", Durability.POWER_LOSS_SAFE);
            object.put("rounds", perSecond.stream().map(Math::round).toList());
            spec.commandLine().getOut().println(Json.line(object));
        }
        return problem.isEmpty() ? 0 : Hongbao.EXIT_FAILED;
    }

    /** Publishes the opened shares of new packets, and waits until all are booked. @return credits per second */
    private double round(Connection ledger, KafkaProducer<byte[], byte[]> producer)
            throws SQLException, InterruptedException {
        var ids = new ArrayList<Long>();
        for (int i = 0; i < packetCount; i++) {
            ids.add(PacketId.of(1, DAY, SLOT, ++packetNumber, i % 1_000).value());
        }
        try (var paid = ledger.prepareStatement(PAID)) {
            paid.setArray(1, ledger.createArrayOf("int8", ids.toArray()));
            paid.setLong(2, SHARE_COUNT * SHARE_FEN);
            paid.executeUpdate();
        }
        List<byte[]> records = records(ids);
        long goal = booked(ledger) + (long) packetCount * SHARE_COUNT;
        long begunNanos = System.nanoTime();
        records.forEach(record -> producer.send(new ProducerRecord<>("hongbao.orders.v1", record)));
        producer.flush();
        while (booked(ledger) < goal) {
            if (System.nanoTime() - begunNanos > ROUND_MAX.toNanos()) {
                throw new CommandFailure("the credits are not booked after " + ROUND_MAX.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
        double seconds = (System.nanoTime() - begunNanos) / 1e9;
        creditCount += (long) packetCount * SHARE_COUNT;
        return packetCount * SHARE_COUNT / seconds;
    }

    /** Packets take turns, as they do in the batches of a lane. */
    private static List<byte[]> records(List<Long> ids) {
        var records = new ArrayList<byte[]>();
        var batch = OrderEventBatch.newBuilder().setOccurredAt(Timestamps.fromMillis(System.currentTimeMillis()));
        for (int share = 1; share <= SHARE_COUNT; share++) {
            for (long id : ids) {
                batch.addEvents(OrderEvent.newBuilder()
                        .setPacketId(id)
                        .setOpened(ShareOpened.newBuilder()
                                .setUserId("user-" + (id / 1_000 + share) % 100_000)
                                .setAmountFen(SHARE_FEN)
                                .setSequence(share)));
                if (batch.getEventsCount() == RECORD_SHARES) {
                    records.add(batch.build().toByteArray());
                    batch.clearEvents();
                }
            }
        }
        if (batch.getEventsCount() > 0) {
            records.add(batch.build().toByteArray());
        }
        return records;
    }

    private static long booked(Connection ledger) throws SQLException {
        try (var statement = ledger.createStatement();
                var row = statement.executeQuery(BOOKED)) {
            row.next();
            return row.getLong(1);
        }
    }

    private String problem(Connection ledger) throws SQLException {
        try (var statement = ledger.createStatement();
                var row = statement.executeQuery(CHECK)) {
            row.next();
            return row.getLong(1) == creditCount && row.getLong(2) == 0 && row.getLong(3) == 0
                    ? ""
                    : "NOT CONSERVED: %d credits of %d, balances add up to %d fen, %d fen are left in escrow"
                            .formatted(row.getLong(1), creditCount, row.getLong(2), row.getLong(3));
        }
    }
}
