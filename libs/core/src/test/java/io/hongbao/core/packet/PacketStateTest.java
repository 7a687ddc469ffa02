package io.hongbao.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hongbao.core.packet.PacketState.AwaitingPayment;
import io.hongbao.core.packet.PacketState.Closed;
import io.hongbao.core.packet.PacketState.Expired;
import io.hongbao.core.packet.PacketState.Finished;
import io.hongbao.core.packet.PacketState.Frozen;
import io.hongbao.core.packet.PacketState.Open;
import io.hongbao.core.packet.PacketState.Opening;
import io.hongbao.core.split.Seed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketStateTest {
    private static final Terms TERMS = new Terms(PacketKind.EQUAL, 300, 3, 20_000);
    private static final Seed SEED = new Seed(new byte[Seed.BYTES]);

    static List<PacketState> states() {
        return List.of(
                new AwaitingPayment(),
                new Open(200, 2),
                new Finished(),
                new Expired(200),
                new Closed(),
                new Frozen(200, 2));
    }

    @Test
    void shouldOpenWithEverythingLeftWhenPublished() {
        assertEquals(new Open(300, 3), new AwaitingPayment().publish(TERMS));
    }

    @Test
    void shouldCloseWhenNeverPaid() {
        assertEquals(new Closed(), new AwaitingPayment().close());
    }

    @Test
    void shouldCountDownAsSharesAreOpened() {
        assertEquals(new Opening(2, 100, new Open(100, 1)), new Open(200, 2).open(TERMS, SEED));
    }

    @Test
    void shouldFinishWithTheLastShare() {
        assertEquals(new Opening(3, 100, new Finished()), new Open(100, 1).open(TERMS, SEED));
    }

    @Test
    void shouldRefundWhatIsLeft() {
        assertEquals(new Expired(200), new Open(200, 2).expire());
    }

    @ParameterizedTest
    @MethodSource("states")
    void shouldComeBackFromItsRow(PacketState state) {
        PacketState loaded =
                PacketState.ofRow(state.code(), state.surplusFen(), state.surplusCount(), state.refundFen());

        assertEquals(state, loaded);
    }

    @Test
    void shouldHaveTheCodesOfTheContract() {
        assertEquals(
                List.of(1, 2, 3, 4, 5, 6),
                states().stream().map(PacketState::code).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 7})
    void shouldRefuseAnUnknownCode(int code) {
        assertThrows(IllegalArgumentException.class, () -> PacketState.ofRow(code, 1, 1, 0));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "0, 1", "1, 2", "-5, 1", "5, -1"})
    void shouldRefuseAnOpenStateThatCannotServeItsShares(long surplusFen, int surplusCount) {
        assertThrows(IllegalArgumentException.class, () -> new Open(surplusFen, surplusCount));
    }

    @Test
    void shouldRefuseAnEmptyRefund() {
        assertThrows(IllegalArgumentException.class, () -> new Expired(0));
    }
}
