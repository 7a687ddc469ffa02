package io.hongbao.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hongbao.cli.promise.Breach;
import io.hongbao.cli.promise.Promise;
import io.hongbao.cli.promise.Verdict;
import io.hongbao.v1.PacketKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoResultTest {
    @Test
    void shouldPrintOneObjectInTheAgreedShape() {
        var result = new DemoResult(4, 21, 16, 4_000, 28_304, new Verdict(5, 21, 25, List.of()), List.of());

        assertEquals(
                "{\"packets\":4,\"opened\":21,\"refused\":16,\"refunded_fen\":4000,\"paid_fen\":28304,"
                        + "\"promises\":{\"I1\":true,\"I2\":true,\"I3\":true,\"I4\":true,\"I5\":true,\"I6\":true,"
                        + "\"I7\":true,\"I8\":true,\"I9\":true,\"I10\":true},\"elapsed_s\":12.3}",
                result.toJson(Duration.ofMillis(12_345)));
        assertTrue(result.good());
    }

    @Test
    void shouldTellABrokenPromise() {
        var breach = new Breach(Promise.I5, 1, "no credit");
        var result = new DemoResult(1, 1, 0, 0, 1, new Verdict(1, 1, 1, List.of(breach)), List.of());

        assertFalse(result.good());
        assertTrue(result.toJson(Duration.ZERO).contains("\"I5\":false,\"I6\":true"));
    }

    @Test
    void shouldPlanOneOfEachKind() {
        List<PacketPlan> plans = PacketPlan.of(new Scale(4, 8, 12));

        assertEquals(
                List.of(
                        PacketKind.PACKET_KIND_LUCKY,
                        PacketKind.PACKET_KIND_EQUAL,
                        PacketKind.PACKET_KIND_EXCLUSIVE,
                        PacketKind.PACKET_KIND_LUCKY),
                plans.stream().map(PacketPlan::kind).toList());
        assertEquals(
                List.of(false, false, false, true),
                plans.stream().map(PacketPlan::expires).toList());
        PacketPlan expiring = plans.getLast();
        assertTrue(expiring.crowd().size() < expiring.shareCount(), "something must be left to refund");
        for (PacketPlan plan : plans) {
            assertEquals(plan.crowd().size(), plan.crowd().stream().distinct().count());
            assertFalse(plan.crowd().contains(plan.latecomer()));
        }
    }

    @Test
    void shouldRefuseACrowdInWhichNobodyComesTooLate() {
        assertThrows(IllegalArgumentException.class, () -> new Scale(4, 8, 8));
    }
}
