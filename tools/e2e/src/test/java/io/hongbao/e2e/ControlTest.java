package io.hongbao.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.hongbao.cli.CommandFailure;
import io.hongbao.cli.audit.AuditChain;
import io.hongbao.cli.control.ControlChanges;
import io.hongbao.cli.control.PodView;
import io.hongbao.cli.stack.StoreAddresses;
import io.hongbao.core.id.PacketId;
import io.hongbao.v1.ListSentPacketsRequest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Masks and switches, as operators set them. Whatever is set here is cleared. */
@OnRunningStack
class ControlTest {
    private static final String ACTOR = "tester";
    private static final String REASON = "a test";
    private static final String MASKED = "set-a";
    private static final int MASKED_DATABASE_MAX = 39;
    private static final String LISTS = "lists";
    /** Pods read once a second. */
    private static final Duration EFFECT_MAX = Duration.ofSeconds(20);
    /** All of so many orders miss one of two SETs by chance once in a million times. */
    private static final int ORDER_COUNT = 20;

    private final World world;
    private final StoreAddresses stores;
    private final String sender;

    ControlTest(World world) {
        this.world = world;
        this.stores = world.stack().stores();
        this.sender = world.fresh("sender");
    }

    @AfterEach
    void clear() throws SQLException {
        ControlChanges.unmask(stores, ACTOR, MASKED, REASON);
        ControlChanges.clear(stores, ACTOR, LISTS, REASON);
        await("lists").atMost(EFFECT_MAX).ignoreExceptions().until(() -> {
            list();
            return true;
        });
        await("orders in every SET").atMost(EFFECT_MAX).until(this::someOrderInMasked);
        assertTrue(AuditChain.verify(stores.control()).unbroken());
    }

    private boolean someOrderInMasked() {
        return IntStream.range(0, ORDER_COUNT)
                .map(i -> databaseOfNewOrder())
                .anyMatch(database -> database <= MASKED_DATABASE_MAX);
    }

    private int databaseOfNewOrder() {
        var wrapped =
                world.clients().send().createPacket(world.lucky(sender, 100, 1).build());
        return new PacketId(wrapped.getPacketId()).database();
    }

    private void list() {
        world.clients()
                .query()
                .listSentPackets(
                        ListSentPacketsRequest.newBuilder().setUserId(sender).build());
    }

    @Test
    void shouldKeepNewOrdersAwayFromAMaskedSet() throws SQLException {
        ControlChanges.mask(stores, ACTOR, MASKED, false, REASON);

        await("no order in " + MASKED).atMost(EFFECT_MAX).until(() -> !someOrderInMasked());
        var masks = ControlChanges.sets(stores, new PodView(Map.of(), List.of())).stream()
                .filter(set -> !set.masks().isEmpty())
                .map(ControlChanges.SetState::set)
                .toList();
        assertEquals(List.of(MASKED), masks);

        assertTrue(ControlChanges.unmask(stores, ACTOR, MASKED, REASON));
        await("orders in " + MASKED).atMost(EFFECT_MAX).until(this::someOrderInMasked);
        assertFalse(ControlChanges.unmask(stores, ACTOR, MASKED, REASON));
    }

    @Test
    void shouldRefuseToMaskWhatIsNoSet() throws SQLException {
        assertThrows(CommandFailure.class, () -> ControlChanges.mask(stores, ACTOR, "set-z", false, REASON));
        assertEquals(List.of(), ControlChanges.masks(stores.control()));
    }

    @Test
    void shouldRefuseListsThatAreOff() throws SQLException {
        assertEquals("normal", ControlChanges.set(stores, ACTOR, LISTS, "off", REASON));

        await("lists are off")
                .atMost(EFFECT_MAX)
                .untilAsserted(() -> Refused.with(Status.Code.UNAVAILABLE, "LISTS_OFF", this::list));
    }
}
