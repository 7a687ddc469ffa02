package io.hongbao.stock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.core.id.PacketId;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which calls share a command to Redis. */
class PartTest {
    private static final Call.Many GRAB = new Call.Many("grab", 60_000);
    private static final PacketId FIRST = PacketId.of(PacketId.NORTH, 2_500, 1, 1, 7);
    private static final PacketId SECOND = PacketId.of(PacketId.NORTH, 2_500, 1, 2, 7);

    private static Call.OfUser user(Call.Many many, PacketId packet, String group) {
        return new Call.OfUser(many, packet, group, "alice", Runnable::run) {
            @Override
            void answered(int result, long number) {}

            @Override
            void failed(StockUnavailableException failure) {}
        };
    }

    private static Call.Single single() {
        return new Call.Single(Request.cmd(Command.PING)) {
            @Override
            void answered(int result, long number) {}

            @Override
            void failed(StockUnavailableException failure) {}
        };
    }

    @Test
    void shouldPutUsersOfOnePacketTogetherAndKeepTheirOrder() {
        Call first = user(GRAB, FIRST, "g");
        Call other = user(GRAB, SECOND, "g");
        Call stranger = user(GRAB, FIRST, "h");
        Call second = user(GRAB, FIRST, "g");

        List<Part> parts = Part.of(List.of(first, other, stranger, second));

        assertEquals(1, parts.size());
        assertEquals(List.of(first, second, other, stranger), parts.getFirst().calls());
    }

    @Test
    void shouldNotCarryAUserPastAnotherKindOfCall() {
        Call before = user(GRAB, FIRST, "g");
        Call between = single();
        Call after = user(GRAB, FIRST, "g");

        List<Part> parts = Part.of(List.of(before, between, after));

        assertEquals(
                List.of(List.of(before), List.of(between), List.of(after)),
                parts.stream().map(Part::calls).toList());
    }

    @Test
    void shouldKeepLeasesOfDifferentLengthsApart() {
        Call minute = user(GRAB, FIRST, "g");
        Call second = user(new Call.Many("grab", 1_000), FIRST, "g");

        List<Part> parts = Part.of(List.of(minute, second));

        assertEquals(2, parts.size());
    }
}
