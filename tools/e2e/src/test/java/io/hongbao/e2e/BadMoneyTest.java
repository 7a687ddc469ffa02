package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status.Code;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.ListEntriesResponse;
import io.hongbao.v1.PacketState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Payments and deposits that must not be. */
@OnRunningStack
class BadMoneyTest {
    private final World world;

    BadMoneyTest(World world) {
        this.world = world;
    }

    @Test
    void shouldRefuseAPaymentAboveTheBalance() {
        // given
        String sender = world.sender(99);
        CreatePacketRequest request = world.lucky(sender, 100, 1).build();
        CreatePacketResponse wrapped = world.clients().send().createPacket(request);

        // when
        Refused.with(Code.FAILED_PRECONDITION, "BALANCE_INSUFFICIENT", () -> world.pay(wrapped, request));

        // then
        assertEquals(99, world.balanceFen(sender));
        assertEquals(PacketState.PACKET_STATE_AWAITING_PAYMENT, world.state(wrapped.getPacketId()));
    }

    @Test
    void shouldRefuseAPaymentOfAnotherAmountOrAnotherPayer() {
        // given
        String sender = world.sender(1_000);
        CreatePacketRequest request = world.lucky(sender, 100, 1).build();
        CreatePacketResponse wrapped = world.clients().send().createPacket(request);
        var payment = ConfirmPaymentRequest.newBuilder()
                .setRequestId("pay")
                .setPaymentId(wrapped.getPaymentId())
                .setPayerId(sender)
                .setAmountFen(100)
                .build();

        // when
        Refused.with(
                Code.INVALID_ARGUMENT,
                "PAYMENT_AMOUNT_MISMATCH",
                () -> world.clients()
                        .wallet()
                        .confirmPayment(payment.toBuilder().setAmountFen(99).build()));
        Refused.with(
                Code.PERMISSION_DENIED,
                "NOT_THE_PAYER",
                () -> world.clients()
                        .wallet()
                        .confirmPayment(payment.toBuilder()
                                .setPayerId(world.sender(1_000))
                                .build()));

        // then
        assertEquals(1_000, world.balanceFen(sender));
    }

    @Test
    void shouldRefuseToPayACancelledOrder() {
        // given
        String sender = world.sender(1_000);
        CreatePacketRequest request = world.lucky(sender, 100, 1).build();
        CreatePacketResponse wrapped = world.clients().send().createPacket(request);
        world.clients()
                .send()
                .cancelPacket(CancelPacketRequest.newBuilder()
                        .setRequestId("cancel")
                        .setPacketId(wrapped.getPacketId())
                        .setSenderId(sender)
                        .build());

        // when
        Refused.with(Code.FAILED_PRECONDITION, "PAYMENT_CLOSED", () -> world.pay(wrapped, request));

        // then
        assertEquals(1_000, world.balanceFen(sender));
        assertEquals(PacketState.PACKET_STATE_CLOSED, world.state(wrapped.getPacketId()));
    }

    @Test
    void shouldRefuseToCancelWhatIsPaidOrSomebodyElses() {
        String sender = world.sender(1_000);
        long packetId = world.publish(world.lucky(sender, 100, 1).build());
        var cancel = CancelPacketRequest.newBuilder()
                .setRequestId("cancel")
                .setPacketId(packetId)
                .setSenderId(sender)
                .build();

        Refused.with(
                Code.FAILED_PRECONDITION,
                "PACKET_ALREADY_PAID",
                () -> world.clients().send().cancelPacket(cancel));
        Refused.with(
                Code.PERMISSION_DENIED,
                "NOT_THE_SENDER",
                () -> world.clients()
                        .send()
                        .cancelPacket(cancel.toBuilder().setSenderId("another").build()));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 100_000_000_001L, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldRefuseADepositOf(long amountFen) {
        String user = world.fresh("user");

        Refused.with(
                Code.INVALID_ARGUMENT,
                "AMOUNT_OUT_OF_RANGE",
                () -> world.clients()
                        .wallet()
                        .deposit(DepositRequest.newBuilder()
                                .setRequestId("deposit")
                                .setUserId(user)
                                .setAmountFen(amountFen)
                                .build()));

        assertEquals(0, world.balanceFen(user));
    }

    @Test
    void shouldBookADepositOnce() {
        // given
        String user = world.fresh("user");
        var deposit = DepositRequest.newBuilder()
                .setRequestId("deposit")
                .setUserId(user)
                .setAmountFen(500)
                .build();
        world.clients().wallet().deposit(deposit);

        // when
        boolean replay = world.clients().wallet().deposit(deposit).getReplay();
        Refused.with(
                Code.ALREADY_EXISTS,
                "REQUEST_ID_REUSED",
                () -> world.clients()
                        .wallet()
                        .deposit(deposit.toBuilder().setAmountFen(501).build()));

        // then
        assertTrue(replay);
        assertEquals(500, world.balanceFen(user));
    }

    @Test
    void shouldRefuseAPageTokenOfAnotherUser() {
        // given two users with a page each
        String owner = world.sender(1);
        String other = world.sender(1);
        world.clients()
                .wallet()
                .deposit(DepositRequest.newBuilder()
                        .setRequestId("second")
                        .setUserId(owner)
                        .setAmountFen(2)
                        .build());
        ListEntriesResponse page = world.clients()
                .wallet()
                .listEntries(ListEntriesRequest.newBuilder()
                        .setUserId(owner)
                        .setPageSize(1)
                        .build());

        // when
        for (String token : new String[] {page.getNextPageToken(), "forged", page.getNextPageToken() + "A"}) {
            Refused.with(
                    Code.INVALID_ARGUMENT,
                    "PAGE_TOKEN_INVALID",
                    () -> world.clients()
                            .wallet()
                            .listEntries(ListEntriesRequest.newBuilder()
                                    .setUserId(other)
                                    .setPageToken(token)
                                    .build()));
        }

        // then the owner goes on
        assertEquals(
                1,
                world.clients()
                        .wallet()
                        .listEntries(ListEntriesRequest.newBuilder()
                                .setUserId(owner)
                                .setPageToken(page.getNextPageToken())
                                .build())
                        .getEntriesCount());
    }
}
