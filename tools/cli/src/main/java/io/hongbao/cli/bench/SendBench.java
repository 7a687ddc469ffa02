package io.hongbao.cli.bench;

import io.hongbao.cli.Hongbao;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.LoadGenerator.Run;
import io.hongbao.cli.bench.load.SendGenerator;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.PacketKind;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Packets wrapped, paid and published, end to end: two calls by the sender, and the services' calls among each other. */
@Command(
        name = "send",
        description = "Packets wrapped, paid and published through send-svc and wallet-bridge.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SendBench implements Callable<Integer>, SendGenerator.Packets {
    private static final long TOTAL_FEN = 1_000;
    private static final int SHARE_COUNT = 10;
    /** What each sender has: more than a run can send. */
    private static final long DEPOSIT_FEN = 1_000_000_000;

    private static final String PUBLISHED = "select count(*) from orders.packet_%s where state = 2 and paid_fen = ?";
    private static final String DAYS = """
            select substr(tablename, 8) from pg_tables
            where schemaname = 'orders' and tablename ~ '^packet_[0-9][0-9]$'
            """;
    private static final String LEDGER = """
            select coalesce(sum(balance_fen), 0)::int8,
                   coalesce(sum(balance_fen) filter (where account_id like 'escrow:%'), 0)::int8
            from account
            """;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LoadOptions load = new LoadOptions();

    private final AtomicLong requestCount = new AtomicLong();
    private final LongAdder publishedEver = new LongAdder();
    private final LongAdder confirmedEver = new LongAdder();
    private long failedEver;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        if (load.openLoopRate > 0) {
            throw new ParameterException(spec.commandLine(), "a send is several calls: it knows no --open-loop");
        }
        PrintWriter words = spec.commandLine().getErr();
        var rounds = new ArrayList<Figures>();
        String problem;
        try (var stack = BenchStack.start(Set.of(Service.SEND, Service.WALLET, Service.OPEN), words::println);
                var clients = new Clients(stack.addresses());
                var generator = new SendGenerator(
                        stack.service(Service.SEND).address(),
                        stack.service(Service.WALLET).address(),
                        load.channels)) {
            ServiceProcess service = stack.service(Service.SEND);
            deposit(clients);
            Supplier<Run> sending = () -> generator.start(load.inFlight, this);
            var measurements = new Rounds(stack, load, words);
            if (load.warmupSeconds > 0) {
                failedEver += measurements.warmUp("send", sending, service).failedEver();
            }
            for (int i = 1; i <= load.rounds; i++) {
                var outcome = measurements.round(i, "send", sending, service);
                failedEver += outcome.failedEver();
                rounds.add(outcome.figures());
            }
            problem = problem(stack);
        }
        Figures median = Figures.median(rounds);
        words.println("median: " + median);
        words.println(problem.isEmpty() ? "conserved" : "NOT CONSERVED: " + problem);
        load.draw(words, List.of(BarChart.Bar.of("Wrap, pay, publish", "packets", BarChart.Tone.OURS, rounds)));
        if (load.json) {
            var json = new LinkedHashMap<String, Object>();
            json.put("bench", "send");
            json.putAll(median.toJson("per_s"));
            json.put("conserved", problem.isEmpty());
            json.put("durability", Durability.POWER_LOSS_SAFE);
            json.put("in_flight", load.inFlight);
            json.put(
                    "rounds",
                    rounds.stream().map(round -> round.toJson("per_s")).toList());
            spec.commandLine().getOut().println(Json.line(json));
        }
        return problem.isEmpty() ? 0 : Hongbao.EXIT_FAILED;
    }

    private static String sender(int number) {
        return "sender-" + number;
    }

    /** One after another: they all take from one account, and services that are cold must not be late with any. */
    private void deposit(Clients clients) {
        for (int i = 0; i < load.inFlight; i++) {
            clients.wallet()
                    .deposit(DepositRequest.newBuilder()
                            .setRequestId("deposit")
                            .setUserId(sender(i))
                            .setAmountFen(DEPOSIT_FEN)
                            .build());
        }
    }

    @Override
    public CreatePacketRequest wrap(int slot) {
        return CreatePacketRequest.newBuilder()
                .setRequestId("send-" + requestCount.incrementAndGet())
                .setSenderId(sender(slot))
                .setGroupId(PreparedPackets.GROUP)
                .setKind(PacketKind.PACKET_KIND_LUCKY)
                .setTotalFen(TOTAL_FEN)
                .setShareCount(SHARE_COUNT)
                .build();
    }

    @Override
    public ConfirmPaymentRequest pay(CreatePacketRequest request, CreatePacketResponse packet) {
        return ConfirmPaymentRequest.newBuilder()
                .setRequestId(request.getRequestId())
                .setPaymentId(packet.getPaymentId())
                .setPayerId(request.getSenderId())
                .setAmountFen(TOTAL_FEN)
                .build();
    }

    /** DONE if it is published as well. */
    @Override
    public Verdict judge(ConfirmPaymentResponse paid) {
        confirmedEver.increment();
        if (!paid.getPublished()) {
            return Verdict.REFUSED;
        }
        publishedEver.increment();
        return Verdict.DONE;
    }

    /** What is wrong with orders and ledger; empty if nothing. */
    private String problem(BenchStack stack) throws SQLException {
        long published = 0;
        try (var orders = stack.database().connect();
                var days = orders.createStatement();
                var day = days.executeQuery(DAYS)) {
            while (day.next()) {
                try (var count = orders.prepareStatement(PUBLISHED.formatted(day.getString(1)))) {
                    count.setLong(1, TOTAL_FEN);
                    try (var row = count.executeQuery()) {
                        row.next();
                        published += row.getLong(1);
                    }
                }
            }
        }
        if (published < publishedEver.sum() || published > confirmedEver.sum() + failedEver) {
            return "%d packets were published, %d are open".formatted(publishedEver.sum(), published);
        }
        try (var ledger = stack.running().stores().ledger().connect();
                var statement = ledger.createStatement();
                var row = statement.executeQuery(LEDGER)) {
            row.next();
            if (row.getLong(1) != 0) {
                return "the balances of the ledger add up to " + row.getLong(1);
            }
            long escrowFen = row.getLong(2);
            if (escrowFen < confirmedEver.sum() * TOTAL_FEN
                    || escrowFen > (confirmedEver.sum() + failedEver) * TOTAL_FEN) {
                return "%d payments were confirmed, %d fen are in escrow".formatted(confirmedEver.sum(), escrowFen);
            }
        }
        return "";
    }
}
