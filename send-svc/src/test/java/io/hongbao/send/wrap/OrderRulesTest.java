package io.hongbao.send.wrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Duration;
import io.hongbao.core.packet.PacketKind;
import io.hongbao.kit.Refusal;
import io.hongbao.send.limits.Limits;
import io.hongbao.v1.CreatePacketRequest;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrderRulesTest {
    private static final Limits LIMITS = new Limits(500, 20_000, java.time.Duration.ofHours(24));

    private static CreatePacketRequest.Builder lucky() {
        return CreatePacketRequest.newBuilder()
                .setRequestId("r-1")
                .setSenderId("alice")
                .setGroupId("friends")
                .setKindValue(1)
                .setTotalFen(1_000)
                .setShareCount(3);
    }

    private static String reason(CreatePacketRequest.Builder request) {
        Refusal refusal =
                assertThrows(Refusal.class, () -> OrderRules.check(request.build(), LIMITS), request::toString);
        return Refusal.nameOf(refusal.reason());
    }

    private static String reason(Consumer<CreatePacketRequest.Builder> change) {
        var request = lucky();
        change.accept(request);
        return reason(request);
    }

    @Test
    void shouldTakeAPacketWithoutOptionalFields() {
        Order order = OrderRules.check(lucky().build(), LIMITS);
        assertEquals(PacketKind.LUCKY, order.terms().kind());
        assertEquals(86_400_000, order.timeToLiveMillis());
        assertEquals(20_000, order.terms().shareMaxFen());
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,500,500", "1,10000000,500", "2,20000,1", "2,1000,500", "3,20000,1"})
    void shouldTakeTheSmallestAndTheLargest(int kind, long totalFen, int shareCount) {
        var request = lucky().setKindValue(kind).setTotalFen(totalFen).setShareCount(shareCount);
        if (kind == 3) {
            request.setExclusiveUserId("bob");
        }
        assertEquals(totalFen, OrderRules.check(request.build(), LIMITS).terms().totalFen());
    }

    @ParameterizedTest
    @CsvSource({
        "0,3,AMOUNT_OUT_OF_RANGE",
        "-1,3,AMOUNT_OUT_OF_RANGE",
        "60001,3,AMOUNT_OUT_OF_RANGE",
        "20001,1,AMOUNT_OUT_OF_RANGE",
        "9223372036854775807,3,AMOUNT_OUT_OF_RANGE",
        "-9223372036854775808,3,AMOUNT_OUT_OF_RANGE",
        "1,2,AMOUNT_BELOW_SHARE_COUNT",
        "499,500,AMOUNT_BELOW_SHARE_COUNT",
        "1000,0,SHARE_COUNT_OUT_OF_RANGE",
        "1000,-1,SHARE_COUNT_OUT_OF_RANGE",
        "1000,501,SHARE_COUNT_OUT_OF_RANGE",
        "1000,2147483647,SHARE_COUNT_OUT_OF_RANGE"
    })
    void shouldRefuseAmountsAndCountsOutOfRange(long totalFen, int shareCount, String reason) {
        assertEquals(reason, reason(request -> request.setTotalFen(totalFen).setShareCount(shareCount)));
    }

    @Test
    void shouldRefuseAnEqualPacketThatDoesNotDivide() {
        assertEquals("AMOUNT_NOT_DIVISIBLE", reason(request -> request.setKindValue(2)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, -1, 99})
    void shouldRefuseAnUnknownKind(int kind) {
        assertEquals("PACKET_KIND_INVALID", reason(request -> request.setKindValue(kind)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no spaces", "\u0000", "ali\u202ece", "🧧"})
    void shouldRefuseAnExclusivePacketWithoutAProperReceiver(String userId) {
        assertEquals(
                "EXCLUSIVE_USER_INVALID",
                reason(request -> request.setKindValue(3).setShareCount(1).setExclusiveUserId(userId)));
    }

    @Test
    void shouldRefuseAReceiverOfAnotherKind() {
        assertEquals("EXCLUSIVE_USER_INVALID", reason(request -> request.setExclusiveUserId("bob")));
    }

    @Test
    void shouldRefuseAnExclusivePacketOfSeveralShares() {
        assertEquals(
                "SHARE_COUNT_OUT_OF_RANGE",
                reason(request -> request.setKindValue(3).setShareCount(2).setExclusiveUserId("bob")));
    }

    @Test
    void shouldRefuseIdsGreetingAndCityCode() {
        assertEquals("REQUEST_ID_INVALID", reason(request -> request.setRequestId("")));
        assertEquals("USER_ID_INVALID", reason(request -> request.setSenderId("a".repeat(4_096))));
        assertEquals("GROUP_ID_INVALID", reason(request -> request.setGroupId("x\n")));
        assertEquals("GREETING_INVALID", reason(request -> request.setGreeting("福".repeat(129))));
        assertEquals("GREETING_INVALID", reason(request -> request.setGreeting("\u0000")));
        assertEquals("CITY_CODE_INVALID", reason(request -> request.setCityCode("11000")));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,999999999", "-1,0", "86400,1", "86401,0", "9223372036854775807,0", "10,-1", "10,1000000000"})
    void shouldRefuseATimeToLiveOutOfRange(long seconds, int nanos) {
        assertEquals(
                "TIME_TO_LIVE_OUT_OF_RANGE",
                reason(request -> request.setTimeToLive(
                        Duration.newBuilder().setSeconds(seconds).setNanos(nanos))));
    }

    @ParameterizedTest
    @CsvSource({"1,0,1000", "86400,0,86400000", "1,1999999,1001", "86399,999999999,86399999"})
    void shouldTakeATimeToLiveInRange(long seconds, int nanos, long millis) {
        var request =
                lucky().setTimeToLive(Duration.newBuilder().setSeconds(seconds).setNanos(nanos));
        assertEquals(millis, OrderRules.check(request.build(), LIMITS).timeToLiveMillis());
    }

    @Test
    void shouldNameTheFirstOfSeveralFaults() {
        var request = CreatePacketRequest.newBuilder().setTotalFen(-1).setCityCode("x");
        assertEquals("REQUEST_ID_INVALID", reason(request));
        assertEquals("USER_ID_INVALID", reason(request.setRequestId("r")));
        assertEquals("GROUP_ID_INVALID", reason(request.setSenderId("alice")));
        assertEquals("PACKET_KIND_INVALID", reason(request.setGroupId("friends")));
        assertEquals("SHARE_COUNT_OUT_OF_RANGE", reason(request.setKindValue(3)));
        assertEquals("EXCLUSIVE_USER_INVALID", reason(request.setShareCount(1)));
        assertEquals("AMOUNT_OUT_OF_RANGE", reason(request.setExclusiveUserId("bob")));
        assertEquals("CITY_CODE_INVALID", reason(request.setTotalFen(1)));
    }
}
