package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import io.hongbao.cli.Hongbao;
import io.hongbao.cli.recon.Findings;
import io.hongbao.cli.recon.Reconciliation.Report;
import io.hongbao.cli.recon.Reconciliation.SetReport;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.core.id.PacketId;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What alerts and dashboards read, the services tell. */
@OnRunningStack
class ObservedMetersTest {
    private static final Pattern METER =
            Pattern.compile("\\b(?:hongbao|kafka|process|jvm|sql|grpc)_[a-z0-9_]+(?=[{|\"])");
    private static final Duration TOLD_MAX = Duration.ofSeconds(30);
    /**
     * Made by the first order that a SET fails, by the first difference between stores, and only where WeChat Pay is the
     * payment provider, or TLS is on.
     */
    private static final Set<String> NOT_ON_A_CALM_STACK = Set.of(
            "hongbao_send_sets_repicked_total",
            "hongbao_send_recon_differences",
            "hongbao_wallet_callbacks_total",
            "hongbao_tls_certificate_remaining_seconds");

    private final World world;
    private final HttpClient http = HttpClient.newHttpClient();

    ObservedMetersTest(World world) {
        this.world = world;
    }

    @Test
    void shouldTellEveryMeterThatAnAlertOrDashboardReads() throws IOException, SQLException {
        useEveryStep();
        compared();
        Set<String> read = readByAlertsAndDashboards();
        read.removeAll(NOT_ON_A_CALM_STACK);
        assertTrue(read.size() > 40, read::toString);

        Awaitility.await().atMost(TOLD_MAX).untilAsserted(() -> {
            Set<String> told = told();
            assertEquals(
                    Set.of(),
                    read.stream().filter(meter -> !told.contains(meter)).collect(Collectors.toSet()));
        });
    }

    @Test
    void shouldShowTheRunningStackInOneObject() throws Exception {
        var out = new StringWriter();
        var line = new ArrayList<>(List.of("top", "--once", "--json", "--interval", "1"));
        for (ServiceProcess process : world.stack().processes()) {
            line.add("--address");
            line.add(process.name() + "=" + process.managementAddress());
        }

        int code = Hongbao.commandLine(new PrintWriter(out, true), new PrintWriter(out, true))
                .execute(line.toArray(String[]::new));

        assertEquals(0, code, out::toString);
        JsonNode board = new ObjectMapper().readTree(out.toString());
        assertEquals(0, board.path("silent").size());
        assertEquals(5, board.path("processes").size());
        assertEquals(0, board.at("/money/packets_not_conserved").asInt(-1));
        board.path("sets").forEach(set -> assertTrue(set.path("answers").asBoolean(), set::toString));
        assertEquals(2, board.path("sets").size());
    }

    /** A tag of that name would be renamed when Prometheus adds its own. */
    @Test
    void shouldNotCallATagAsPrometheusCallsItsOwn() throws Exception {
        Pattern taken = Pattern.compile("^hongbao_[^{]*\\{(?:.*,)?(?:job|instance|namespace|pod|service)=");

        for (ServiceProcess process : world.stack().processes()) {
            assertEquals(
                    List.of(),
                    metrics(process)
                            .lines()
                            .filter(line -> taken.matcher(line).find())
                            .toList());
        }
    }

    /** A comparison of the stores that found nothing, as reconciliation stores it. */
    private void compared() throws SQLException {
        int day = PacketId.dayOf(LocalDate.now(PacketId.ZONE));
        Findings.store(
                world.stack().stores().control(),
                new Report(List.of(new SetReport("set-a", day, 0, 0, 0, 0, 0, 0)), List.of(), Map.of()));
    }

    /** One packet through its whole life, and one order that is refused. */
    private void useEveryStep() {
        Refused.with(
                Status.Code.INVALID_ARGUMENT,
                "AMOUNT_OUT_OF_RANGE",
                () -> world.clients()
                        .send()
                        .createPacket(world.lucky(world.sender(100), 0, 1).build()));
        String user = world.fresh("user");
        long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());
        assertEquals(100, world.grabAndOpen(packetId, user).getAmountFen());
        assertEquals(1, world.view(packetId).shares().size());
        world.awaitBalance(user, 100);
    }

    private static Set<String> readByAlertsAndDashboards() throws IOException {
        Path chart = ProjectHome.find().root().resolve("helm/hongbao");
        var files = new ArrayList<>(List.of(chart.resolve("alerts.yaml")));
        try (var dashboards = Files.list(chart.resolve("dashboards"))) {
            dashboards.forEach(files::add);
        }
        var read = new TreeSet<String>();
        for (Path file : files) {
            METER.matcher(Files.readString(file)).results().forEach(meter -> read.add(meter.group()));
        }
        return read;
    }

    private Set<String> told() throws IOException, InterruptedException {
        var told = new TreeSet<String>();
        for (ServiceProcess process : world.stack().processes()) {
            metrics(process)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> told.add(line.split("[{ ]", 2)[0]));
        }
        return told;
    }

    private String metrics(ServiceProcess process) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + process.managementAddress() + "/q/metrics"))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
