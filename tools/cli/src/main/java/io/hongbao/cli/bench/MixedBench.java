package io.hongbao.cli.bench;

import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.bench.load.BlockingLoad;
import io.hongbao.cli.bench.load.CallKind.Verdict;
import io.hongbao.cli.bench.load.Zipf;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.promise.PromiseChecker;
import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.promise.StoreReader;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.PacketKind;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Everything at once, through the Java client: send, grab, open and query as 1 : 20 : 10 : 5. Who grabs or looks mostly
 * means one of the packets sent last (Zipf). Opens use tickets that grabs were granted; without one, a grab takes its turn.
 */
@Command(
        name = "mixed",
        description = "All services at once: send, grab, open and query as 1 : 20 : 10 : 5.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class MixedBench implements Callable<Integer> {
    private static final int SEND_PARTS = 1;
    private static final int GRAB_PARTS = 20;
    private static final int OPEN_PARTS = 10;
    private static final int QUERY_PARTS = 5;
    private static final int PARTS = SEND_PARTS + GRAB_PARTS + OPEN_PARTS + QUERY_PARTS;

    /** Packets that are talked about. */
    private static final int RECENT_PACKETS = 2_000;

    private static final double ZIPF_EXPONENT = 1;
    private static final long SHARE_FEN = 100;
    private static final long DEPOSIT_FEN = 1_000_000;
    private static final int DEPOSIT_COUNT = 10;
    /** The first call of services that have just come up may be too slow to publish at once. */
    private static final int FIRST_SEND_TRIES_MAX = 10;
    /** Users who grab: some meet a packet twice. */
    private static final int USER_COUNT = 200_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--shares",
            paramLabel = "N",
            description = "Shares of a packet. Default: 10, so that opens match sends.")
    private int shareCount = 10;

    @Mixin
    private LoadOptions load = new LoadOptions();

    private final Zipf zipf = new Zipf(RECENT_PACKETS, ZIPF_EXPONENT);
    private final AtomicLongArray recent = new AtomicLongArray(RECENT_PACKETS);
    private final AtomicLong packetCount = new AtomicLong();
    private final AtomicLong requestCount = new AtomicLong();
    private final ConcurrentLinkedQueue<Ticket> tickets = new ConcurrentLinkedQueue<>();
    private final LongAdder sends = new LongAdder();
    private final LongAdder grabs = new LongAdder();
    private final LongAdder opens = new LongAdder();
    private final LongAdder queries = new LongAdder();

    /** A grab that was granted. */
    private record Ticket(long packetId, String userId, String ticket) {}

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        try {
            load.check();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage());
        }
        if (load.openLoopRate > 0 || shareCount < 1) {
            throw new ParameterException(spec.commandLine(), "no --open-loop here, and --shares must be at least 1");
        }
        PrintWriter words = spec.commandLine().getErr();
        var rounds = new ArrayList<Figures>();
        List<String> breaches;
        try (var stack = BenchStack.start(EnumSet.allOf(Service.class), words::println);
                var clients = new Clients(stack.addresses())) {
            ServiceProcess open = stack.openService();
            for (int i = 0; i < load.inFlight; i++) {
                deposit(clients, i);
            }
            for (int tries = 1; send(clients, 0) != Verdict.DONE; tries++) {
                if (tries == FIRST_SEND_TRIES_MAX) {
                    throw new CommandFailure(
                            "no packet is published; logs: " + stack.running().folder());
                }
            }
            var measurements = new Rounds(stack, load, words);
            if (load.warmupSeconds > 0) {
                measurements.warmUp("mixed", () -> new BlockingLoad(load.inFlight, slot -> next(clients, slot)), open);
            }
            for (int i = 1; i <= load.rounds; i++) {
                rounds.add(measurements
                        .round(i, "mixed", () -> new BlockingLoad(load.inFlight, slot -> next(clients, slot)), open)
                        .figures());
            }
            StoreReader.Rows rows = StoreReader.read(stack.running().stores());
            breaches = PromiseChecker.check(rows.orders(), rows.ledger(), List.of(), Moment.ANY).breaches().stream()
                    .map(Object::toString)
                    .toList();
        }
        Figures median = Figures.median(rounds);
        words.println("median: " + median);
        words.println("sends %,d, grabs %,d, opens %,d, queries %,d, warm-up included"
                .formatted(sends.sum(), grabs.sum(), opens.sum(), queries.sum()));
        words.println(breaches.isEmpty() ? "conserved: every promise holds" : "BROKEN: " + breaches);
        load.draw(words, List.of(BarChart.Bar.of("Send, grab, open, query", "operations", BarChart.Tone.OURS, rounds)));
        if (load.json) {
            var json = new LinkedHashMap<String, Object>();
            json.put("bench", "mixed");
            json.putAll(median.toJson("per_s"));
            json.put("sends", sends.sum());
            json.put("grabs", grabs.sum());
            json.put("opens", opens.sum());
            json.put("queries", queries.sum());
            json.put("conserved", breaches.isEmpty());
            json.put("durability", Durability.POWER_LOSS_SAFE);
            json.put("in_flight", load.inFlight);
            json.put(
                    "rounds",
                    rounds.stream().map(round -> round.toJson("per_s")).toList());
            spec.commandLine().getOut().println(Json.line(json));
        }
        return breaches.isEmpty() ? 0 : Hongbao.EXIT_FAILED;
    }

    private Verdict next(Clients clients, int slot) {
        int part = ThreadLocalRandom.current().nextInt(PARTS);
        if (part < SEND_PARTS) {
            return send(clients, slot);
        }
        if (part < SEND_PARTS + QUERY_PARTS) {
            return query(clients);
        }
        Ticket ticket = part < SEND_PARTS + QUERY_PARTS + OPEN_PARTS ? tickets.poll() : null;
        return ticket == null ? grab(clients) : open(clients, ticket);
    }

    private static String sender(int slot) {
        return "sender-" + slot;
    }

    private static void deposit(Clients clients, int slot) {
        for (int i = 0; i < DEPOSIT_COUNT; i++) {
            clients.wallet()
                    .deposit(DepositRequest.newBuilder()
                            .setRequestId("deposit-" + i)
                            .setUserId(sender(slot))
                            .setAmountFen(DEPOSIT_FEN)
                            .build());
        }
    }

    private Verdict send(Clients clients, int slot) {
        String requestId = "r" + requestCount.incrementAndGet();
        long totalFen = SHARE_FEN * shareCount;
        var created = clients.send()
                .createPacket(CreatePacketRequest.newBuilder()
                        .setRequestId(requestId)
                        .setSenderId(sender(slot))
                        .setGroupId(PreparedPackets.GROUP)
                        .setKind(PacketKind.PACKET_KIND_LUCKY)
                        .setTotalFen(totalFen)
                        .setShareCount(shareCount)
                        .build());
        var confirmed = clients.wallet()
                .confirmPayment(ConfirmPaymentRequest.newBuilder()
                        .setRequestId(requestId)
                        .setPaymentId(created.getPaymentId())
                        .setPayerId(sender(slot))
                        .setAmountFen(totalFen)
                        .build());
        sends.increment();
        if (!confirmed.getPublished()) {
            return Verdict.REFUSED;
        }
        recent.set((int) (packetCount.getAndIncrement() % RECENT_PACKETS), created.getPacketId());
        return Verdict.DONE;
    }

    /** Most likely one of the latest. */
    private long packet() {
        long count = packetCount.get();
        long back = zipf.next(ThreadLocalRandom.current().nextDouble()) % Math.min(count, RECENT_PACKETS);
        // The latest number is given out before its place is filled.
        long id = recent.get((int) ((count - 1 - back) % RECENT_PACKETS));
        return id == 0 ? recent.get(0) : id;
    }

    private static String user() {
        return "u" + ThreadLocalRandom.current().nextInt(USER_COUNT);
    }

    private Verdict grab(Clients clients) {
        long packetId = packet();
        String userId = user();
        var answer = clients.grab()
                .grab(GrabRequest.newBuilder()
                        .setRequestId("r" + requestCount.incrementAndGet())
                        .setPacketId(packetId)
                        .setUserId(userId)
                        .setGroupId(PreparedPackets.GROUP)
                        .build());
        grabs.increment();
        if (answer.getResult() == GrabResult.GRAB_RESULT_GRANTED) {
            tickets.add(new Ticket(packetId, userId, answer.getTicket()));
        }
        // To hear no is what most who grab can hope for.
        return Verdict.DONE;
    }

    private Verdict open(Clients clients, Ticket ticket) {
        var answer = clients.open()
                .open(OpenRequest.newBuilder()
                        .setRequestId("r" + requestCount.incrementAndGet())
                        .setPacketId(ticket.packetId)
                        .setUserId(ticket.userId)
                        .setGroupId(PreparedPackets.GROUP)
                        .setTicket(ticket.ticket)
                        .build());
        opens.increment();
        return answer.getResult() == OpenResult.OPEN_RESULT_OPENED ? Verdict.DONE : Verdict.REFUSED;
    }

    private Verdict query(Clients clients) {
        clients.query()
                .getPacket(GetPacketRequest.newBuilder()
                        .setPacketId(packet())
                        .setUserId(user())
                        .build());
        queries.increment();
        return Verdict.DONE;
    }
}
