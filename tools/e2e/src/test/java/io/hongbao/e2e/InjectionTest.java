package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.stack.ServiceProcess;
import io.hongbao.client.PacketIdAffinity;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetUserSummaryRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.ListReceivedSharesRequest;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.ListSharesRequest;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.PacketKind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that would break a statement or forge a line of the log: each field of each service refuses them, and tells nobody. */
@OnRunningStack
class InjectionTest {
    /** In every text, and in no log. */
    private static final String MARKER = "MALLORY";

    private final World world;

    InjectionTest(World world) {
        this.world = world;
    }

    static Stream<String> texts() {
        return Stream.of(
                "MALLORY'",
                "MALLORY\"",
                "MALLORY'; drop table account; --",
                "MALLORY\\",
                "MALLORY\n2026-11-25 ERROR all money is lost",
                "MALLORY\r\nERROR",
                "MALLORY\0",
                "MALLORY\u2028ERROR",
                "MALLORY\u0085ERROR",
                "MALLORY\u001B[2J",
                "MALLORY${jndi:ldap://127.0.0.1/x}",
                "MALLORY%n%s%x",
                "MALLORY$1{quarkus.datasource.password}");
    }

    private record Field(String name, String reason, Runnable call) {}

    private static List<Field> fields(Clients to, long packetId, String text) {
        return List.of(
                new Field(
                        "CreatePacket.sender_id",
                        "USER_ID_INVALID",
                        () -> to.send().createPacket(order().setSenderId(text).build())),
                new Field(
                        "CreatePacket.group_id",
                        "GROUP_ID_INVALID",
                        () -> to.send().createPacket(order().setGroupId(text).build())),
                new Field(
                        "CreatePacket.request_id",
                        "REQUEST_ID_INVALID",
                        () -> to.send().createPacket(order().setRequestId(text).build())),
                new Field(
                        "CreatePacket.city_code",
                        "CITY_CODE_INVALID",
                        () -> to.send().createPacket(order().setCityCode(text).build())),
                new Field(
                        "CancelPacket.sender_id",
                        "USER_ID_INVALID",
                        () -> to.send()
                                .cancelPacket(CancelPacketRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPacketId(packetId)
                                        .setSenderId(text)
                                        .build())),
                new Field(
                        "Grab.user_id",
                        "USER_ID_INVALID",
                        () -> to.grab()
                                .grab(GrabRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPacketId(packetId)
                                        .setUserId(text)
                                        .setGroupId("g")
                                        .build())),
                new Field(
                        "Grab.group_id",
                        "GROUP_ID_INVALID",
                        () -> to.grab()
                                .grab(GrabRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPacketId(packetId)
                                        .setUserId("u")
                                        .setGroupId(text)
                                        .build())),
                new Field(
                        "Open.user_id",
                        "USER_ID_INVALID",
                        () -> to.open()
                                .open(OpenRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPacketId(packetId)
                                        .setUserId(text)
                                        .setGroupId("g")
                                        .build())),
                new Field(
                        "Open.group_id",
                        "GROUP_ID_INVALID",
                        () -> to.open()
                                .open(OpenRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPacketId(packetId)
                                        .setUserId("u")
                                        .setGroupId(text)
                                        .build())),
                new Field(
                        "Open.request_id",
                        "REQUEST_ID_INVALID",
                        () -> to.open()
                                .open(OpenRequest.newBuilder()
                                        .setRequestId(text)
                                        .setPacketId(packetId)
                                        .setUserId("u")
                                        .setGroupId("g")
                                        .build())),
                new Field(
                        "GetPacket.user_id",
                        "USER_ID_INVALID",
                        () -> to.query()
                                .getPacket(GetPacketRequest.newBuilder()
                                        .setPacketId(packetId)
                                        .setUserId(text)
                                        .build())),
                new Field(
                        "ListShares.page_token",
                        "PAGE_TOKEN_INVALID",
                        () -> to.query()
                                .listShares(ListSharesRequest.newBuilder()
                                        .setPacketId(packetId)
                                        .setPageToken(text)
                                        .build())),
                new Field(
                        "ListSentPackets.user_id",
                        "USER_ID_INVALID",
                        () -> to.query()
                                .listSentPackets(ListSentPacketsRequest.newBuilder()
                                        .setUserId(text)
                                        .build())),
                new Field(
                        "ListReceivedShares.user_id",
                        "USER_ID_INVALID",
                        () -> to.query()
                                .listReceivedShares(ListReceivedSharesRequest.newBuilder()
                                        .setUserId(text)
                                        .build())),
                new Field(
                        "GetUserSummary.user_id",
                        "USER_ID_INVALID",
                        () -> to.query()
                                .getUserSummary(GetUserSummaryRequest.newBuilder()
                                        .setUserId(text)
                                        .setYear(2026)
                                        .build())),
                new Field(
                        "GetBalance.user_id",
                        "USER_ID_INVALID",
                        () -> to.wallet()
                                .getBalance(GetBalanceRequest.newBuilder()
                                        .setUserId(text)
                                        .build())),
                new Field(
                        "ListEntries.user_id",
                        "USER_ID_INVALID",
                        () -> to.wallet()
                                .listEntries(ListEntriesRequest.newBuilder()
                                        .setUserId(text)
                                        .build())),
                new Field(
                        "ConfirmPayment.payer_id",
                        "USER_ID_INVALID",
                        () -> to.wallet()
                                .confirmPayment(ConfirmPaymentRequest.newBuilder()
                                        .setRequestId("r")
                                        .setPaymentId("pay-" + packetId)
                                        .setPayerId(text)
                                        .setAmountFen(1)
                                        .build())),
                new Field(
                        "GetPayment.payment_id",
                        "PAYMENT_ID_INVALID",
                        () -> to.wallet()
                                .getPayment(GetPaymentRequest.newBuilder()
                                        .setPaymentId(text)
                                        .build())));
    }

    private static CreatePacketRequest.Builder order() {
        return CreatePacketRequest.newBuilder()
                .setRequestId("r")
                .setSenderId("s")
                .setGroupId("g")
                .setKind(PacketKind.PACKET_KIND_LUCKY)
                .setTotalFen(100)
                .setShareCount(1);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void shouldRefuseInEveryFieldAndKeepItOutOfTheLogs(String text) throws IOException {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());

        for (Field field : fields(world.clients(), packetId, text)) {
            Refused.with(Code.INVALID_ARGUMENT, field.reason, field.call::run);
        }

        assertEquals(List.of(), logsWith(MARKER));
    }

    /** Greetings may have quotes and backslashes; they are data, wherever they go. */
    @Test
    void shouldKeepGreetingsAsTheyAreAndOutOfTheLogs() throws IOException {
        for (String greeting : List.of(
                "MALLORY' or '1'='1",
                "MALLORY\\'); select pg_sleep(9); --",
                "MALLORY${jndi:ldap://x}",
                "MALLORY%n%s")) {
            long packetId = world.publish(
                    world.lucky(world.sender(100), 100, 1).setGreeting(greeting).build());

            assertEquals(greeting, world.view(packetId).packet().getGreeting());
        }
        assertEquals(List.of(), logsWith(MARKER));
    }

    @Test
    void shouldKeepMetadataOutOfTheLogs() throws IOException {
        long packetId = world.publish(world.lucky(world.sender(100), 100, 1).build());
        var headers = new Metadata();
        headers.put(PacketIdAffinity.HEADER, "MALLORY'; drop table account; --");
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), "MALLORY${jndi:ldap://x}");

        world.clients()
                .send()
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .getPaymentStatus(GetPaymentStatusRequest.newBuilder()
                        .setPacketId(packetId)
                        .build());

        assertEquals(List.of(), logsWith(MARKER));
    }

    private List<String> logsWith(String text) throws IOException {
        List<ServiceProcess> processes = world.stack().processes();
        assertTrue(processes.size() >= 5);
        var found = new ArrayList<String>();
        for (ServiceProcess process : processes) {
            try (Stream<String> lines = Files.lines(process.log())) {
                lines.filter(line -> line.contains(text))
                        .map(line -> process.name() + ": " + line)
                        .forEach(found::add);
            }
        }
        return found;
    }
}
