package io.hongbao.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.v1.ErrorReason;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputTest {
    private static final long NORTHERN = 1_2518_007_00000042_503L;

    private static void assertRefused(ErrorReason reason, Executable check) {
        assertEquals(reason, assertThrows(Refusal.class, check).reason());
    }

    static Stream<String> badIds() {
        return Stream.of(
                "",
                " ",
                "a".repeat(65),
                "a".repeat(4_096),
                "ali\u0000ce",
                "alice\u0000",
                "alice\u200f",
                "\u202ealice",
                "\u2067alice\u2069",
                "alice🧧",
                "红包",
                "аlice",
                "ａlice",
                "ali ce",
                "alice\n",
                "alice\r\nrole=admin",
                "alice\t",
                "alice/bob",
                "alice%00",
                "alice'; drop table share; --",
                "${jndi:ldap://x}",
                "\ud83e",
                "alice\ufeff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "alice", "Alice_1.b:c@d-e", "0", "wx:oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"})
    void shouldAcceptAnId(String id) {
        assertEquals(id, Input.userId(id));
        assertEquals(id, Input.groupId(id));
        assertEquals(id, Input.requestId(id));
    }

    @Test
    void shouldAcceptTheLongestId() {
        String id = "x".repeat(64);

        assertEquals(id, Input.userId(id));
    }

    @ParameterizedTest
    @MethodSource("badIds")
    void shouldRefuseABadUserId(String id) {
        assertRefused(ErrorReason.ERROR_REASON_USER_ID_INVALID, () -> Input.userId(id));
    }

    @ParameterizedTest
    @MethodSource("badIds")
    void shouldRefuseABadGroupId(String id) {
        assertRefused(ErrorReason.ERROR_REASON_GROUP_ID_INVALID, () -> Input.groupId(id));
    }

    @ParameterizedTest
    @MethodSource("badIds")
    void shouldRefuseABadRequestId(String id) {
        assertRefused(ErrorReason.ERROR_REASON_REQUEST_ID_INVALID, () -> Input.requestId(id));
    }

    @Test
    void shouldNotRepeatABadIdInTheMessage() {
        Refusal refusal = assertThrows(Refusal.class, () -> Input.userId("alice\r\nrole=admin"));

        assertFalse(refusal.getMessage().contains("alice"));
    }

    @Test
    void shouldAcceptAnOrderNumber() {
        assertEquals(NORTHERN, Input.packetId(NORTHERN).value());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MIN_VALUE,
                -NORTHERN,
                -1,
                0,
                1,
                999_999_999_999_999_999L,
                3_000_000_000_000_000_000L,
                Long.MAX_VALUE
            })
    void shouldRefuseAMalformedOrderNumber(long packetId) {
        assertRefused(ErrorReason.ERROR_REASON_PACKET_ID_MALFORMED, () -> Input.packetId(packetId));
    }

    @Test
    void shouldAcceptAnOrderOfItsRegion() {
        assertEquals(NORTHERN, Input.packetIdOfRegion(NORTHERN, 1).value());
    }

    @Test
    void shouldNameTheHomeRegionOfAnOrderFromElsewhere() {
        Refusal refusal = assertThrows(Refusal.class, () -> Input.packetIdOfRegion(NORTHERN, 2));

        assertEquals(ErrorReason.ERROR_REASON_WRONG_REGION, refusal.reason());
        assertEquals(Map.of("home_region", "1"), refusal.metadata());
    }

    @Test
    void shouldRefuseAMalformedNumberBeforeItLooksAtTheRegion() {
        assertRefused(ErrorReason.ERROR_REASON_PACKET_ID_MALFORMED, () -> Input.packetIdOfRegion(7, 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "恭喜发财，大吉大利",
                "Best wishes!",
                "🧧🎉👨‍👩‍👧‍👦",
                "❤️",
                "'; drop table share; --",
                "${jndi:ldap://x} %s %n",
                "<script>alert(1)</script>",
                "مبارك",
                "a\u00a0b"
            })
    void shouldAcceptAGreeting(String greeting) {
        assertEquals(greeting, Input.greeting(greeting));
    }

    @Test
    void shouldAcceptAnEmojiNewerThanThisJdk() {
        String unassigned = Character.toString(0x1FAFF - 0x10);
        String beyond = Character.toString(0x1FBFF);

        assertEquals(unassigned + beyond, Input.greeting(unassigned + beyond));
    }

    @Test
    void shouldCountAGreetingInCodePoints() {
        String longest = "🧧".repeat(128);

        assertEquals(longest, Input.greeting(longest));
    }

    static Stream<String> badGreetings() {
        return Stream.of(
                "a".repeat(129),
                "红".repeat(4_096),
                "a\u0000b",
                "line\nline",
                "line\rline",
                "tab\t",
                "\u001b[31mred",
                "\u007f",
                "\u0085",
                "\u2028",
                "\u2029",
                "\u200eleft",
                "\u200fright",
                "\u061carabic",
                "\u202aembed",
                "pay \u202e1.00",
                "\u2066isolate",
                "\u2069",
                "\ud83e",
                "\udde7\ud83e",
                "\uffff",
                "\ufdd0",
                Character.toString(0x10FFFF));
    }

    @ParameterizedTest
    @MethodSource("badGreetings")
    void shouldRefuseABadGreeting(String greeting) {
        assertRefused(ErrorReason.ERROR_REASON_GREETING_INVALID, () -> Input.greeting(greeting));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "440305", "000000"})
    void shouldAcceptACityCode(String cityCode) {
        assertEquals(cityCode, Input.cityCode(cityCode));
    }

    @ParameterizedTest
    @ValueSource(strings = {"44030", "4403050", "44030a", "-44030", "４４０３０５", "٤٤٠٣٠٥", " 44030", "44030\u0000"})
    void shouldRefuseABadCityCode(String cityCode) {
        assertRefused(ErrorReason.ERROR_REASON_CITY_CODE_INVALID, () -> Input.cityCode(cityCode));
    }

    @Test
    void shouldTakeTheDefaultForNoPageSize() {
        assertEquals(20, Input.pageSize(0, 20, 100));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 100})
    void shouldAcceptAPageSize(int pageSize) {
        assertEquals(pageSize, Input.pageSize(pageSize, 20, 100));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 101, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void shouldRefuseAPageSizeOutOfRange(int pageSize) {
        assertRefused(ErrorReason.ERROR_REASON_PAGE_SIZE_OUT_OF_RANGE, () -> Input.pageSize(pageSize, 20, 100));
    }
}
