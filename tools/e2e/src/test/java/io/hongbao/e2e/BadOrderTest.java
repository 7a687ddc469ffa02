package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.grpc.Status.Code;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.PacketKind;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Orders that must not be: each is refused with its reason, and leaves neither an order nor a payment. */
@OnRunningStack
class BadOrderTest {
    private static final long BALANCE_FEN = 100_000_000;

    private final World world;
    private final String sender;

    BadOrderTest(World world) {
        this.world = world;
        this.sender = world.sender(BALANCE_FEN);
    }

    static Stream<Arguments> badOrders() {
        return Stream.of(
                // amounts and counts
                bad("nothing", "AMOUNT_OUT_OF_RANGE", order -> order.setTotalFen(0)),
                bad("less than nothing", "AMOUNT_OUT_OF_RANGE", order -> order.setTotalFen(-1)),
                bad("more than the limit", "AMOUNT_OUT_OF_RANGE", order -> order.setTotalFen(40_001)),
                bad("the largest number", "AMOUNT_OUT_OF_RANGE", order -> order.setTotalFen(Long.MAX_VALUE)),
                bad("the smallest number", "AMOUNT_OUT_OF_RANGE", order -> order.setTotalFen(Long.MIN_VALUE)),
                bad("1 fen for 2 people", "AMOUNT_BELOW_SHARE_COUNT", order -> order.setTotalFen(1)),
                bad(
                        "99 fen for 100",
                        "AMOUNT_BELOW_SHARE_COUNT",
                        order -> order.setTotalFen(99).setShareCount(100)),
                bad("no share", "SHARE_COUNT_OUT_OF_RANGE", order -> order.setShareCount(0)),
                bad("less than no share", "SHARE_COUNT_OUT_OF_RANGE", order -> order.setShareCount(-1)),
                bad("501 shares", "SHARE_COUNT_OUT_OF_RANGE", order -> order.setShareCount(501)),
                bad("the largest count", "SHARE_COUNT_OUT_OF_RANGE", order -> order.setShareCount(Integer.MAX_VALUE)),
                bad(
                        "an equal split that does not divide",
                        "AMOUNT_NOT_DIVISIBLE",
                        order -> order.setKind(PacketKind.PACKET_KIND_EQUAL).setTotalFen(1_001)),
                // kinds
                bad("no kind", "PACKET_KIND_INVALID", order -> order.clearKind()),
                bad("an unknown kind", "PACKET_KIND_INVALID", order -> order.setKindValue(99)),
                bad(
                        "an exclusive packet for nobody",
                        "EXCLUSIVE_USER_INVALID",
                        order -> order.setKind(PacketKind.PACKET_KIND_EXCLUSIVE).setShareCount(1)),
                bad(
                        "an exclusive packet for two",
                        "SHARE_COUNT_OUT_OF_RANGE",
                        order -> order.setKind(PacketKind.PACKET_KIND_EXCLUSIVE).setExclusiveUserId("one")),
                bad("a lucky packet for one", "EXCLUSIVE_USER_INVALID", order -> order.setExclusiveUserId("one")),
                // who
                bad("nobody", "USER_ID_INVALID", order -> order.setSenderId("")),
                bad("a user of 4 kB", "USER_ID_INVALID", order -> order.setSenderId("u".repeat(4_096))),
                bad("a user with NUL", "USER_ID_INVALID", order -> order.setSenderId("u\0v")),
                bad("a user with a direction mark", "USER_ID_INVALID", order -> order.setSenderId("u\u202Ev")),
                bad("a user with an emoji", "USER_ID_INVALID", order -> order.setSenderId("u🧧")),
                bad("a user in SQL", "USER_ID_INVALID", order -> order.setSenderId("u'; drop table account; --")),
                bad("no group", "GROUP_ID_INVALID", order -> order.setGroupId("")),
                bad("a group with a line feed", "GROUP_ID_INVALID", order -> order.setGroupId("g\nh")),
                bad("no request id", "REQUEST_ID_INVALID", order -> order.setRequestId("")),
                bad("a long request id", "REQUEST_ID_INVALID", order -> order.setRequestId("r".repeat(65))),
                // what
                bad("a greeting with NUL", "GREETING_INVALID", order -> order.setGreeting("a\0b")),
                bad("a greeting that turns around", "GREETING_INVALID", order -> order.setGreeting("\u202Egnp.exe")),
                bad("a greeting with a log line", "GREETING_INVALID", order -> order.setGreeting("hi\nERROR all lost")),
                bad("a long greeting", "GREETING_INVALID", order -> order.setGreeting("恭".repeat(129))),
                bad("no city code", "CITY_CODE_INVALID", order -> order.setCityCode("12345x")),
                bad("no time", "TIME_TO_LIVE_OUT_OF_RANGE", order -> order.setTimeToLive(World.seconds(0))),
                bad("time before now", "TIME_TO_LIVE_OUT_OF_RANGE", order -> order.setTimeToLive(World.seconds(-1))),
                bad("25 hours", "TIME_TO_LIVE_OUT_OF_RANGE", order -> order.setTimeToLive(World.seconds(90_000))));
    }

    private static Arguments bad(String what, String reason, UnaryOperator<CreatePacketRequest.Builder> change) {
        return arguments(what, reason, change);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badOrders")
    void shouldRefuse(String what, String reason, UnaryOperator<CreatePacketRequest.Builder> change) {
        // given
        CreatePacketRequest request =
                change.apply(world.lucky(sender, 1_000, 2)).build();
        int packetsBefore = world.rows().orders().packets().size();
        int paymentsBefore = world.rows().ledger().payments().size();

        // when
        Refused.with(Code.INVALID_ARGUMENT, reason, () -> world.clients().send().createPacket(request));

        // then
        assertEquals(packetsBefore, world.rows().orders().packets().size());
        assertEquals(paymentsBefore, world.rows().ledger().payments().size());
        assertEquals(BALANCE_FEN, world.balanceFen(sender));
    }

    @Test
    void shouldKeepAGreetingThatLooksLikeSql() {
        String greeting = "'); drop schema orders cascade; -- ${jndi:ldap://x} %s 🧧";
        long packetId = world.publish(
                world.lucky(world.sender(100), 100, 1).setGreeting(greeting).build());

        assertEquals(greeting, world.view(packetId).packet().getGreeting());
    }

    @Test
    void shouldRefuseAReusedRequestIdWithAnotherAmount() {
        // given
        CreatePacketRequest first = world.lucky(sender, 1_000, 2).build();
        CreatePacketResponse answer = world.clients().send().createPacket(first);

        // when
        Refused.with(
                Code.ALREADY_EXISTS,
                "REQUEST_ID_REUSED",
                () -> world.clients()
                        .send()
                        .createPacket(first.toBuilder().setTotalFen(1_001).build()));

        // then the first one stands, and is answered again as it was
        CreatePacketResponse again = world.clients().send().createPacket(first);
        assertEquals(answer.getPacketId(), again.getPacketId());
        assertEquals(answer.getPaymentId(), again.getPaymentId());
        assertTrue(again.getReplay());
    }
}
