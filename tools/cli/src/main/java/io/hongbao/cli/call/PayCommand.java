package io.hongbao.cli.call;

import io.hongbao.cli.text.Yuan;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.GetPaymentRequest;
import io.hongbao.v1.Payment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Pays a packet that was wrapped without payment. */
@Command(name = "pay", description = "Pay a packet from its sender's wallet.", mixinStandardHelpOptions = true)
public final class PayCommand extends CallCommand {
    @Parameters(paramLabel = "PACKET", description = "Order number, 19 digits.")
    private long packetId;

    @Override
    protected long packet() {
        return packetId;
    }

    @Override
    protected int call(Clients clients) {
        Payment payment = clients.wallet()
                .getPayment(GetPaymentRequest.newBuilder().setPacketId(packetId).build())
                .getPayment();
        ConfirmPaymentResponse paid = clients.wallet()
                .confirmPayment(ConfirmPaymentRequest.newBuilder()
                        .setRequestId(requestId(""))
                        .setPaymentId(payment.getPaymentId())
                        .setPayerId(payment.getPayerId())
                        .setAmountFen(payment.getAmountFen())
                        .build());
        print(
                paid,
                "packet %d of %s yuan is paid%s"
                        .formatted(packetId, Yuan.of(payment.getAmountFen()), Words.replay(paid.getReplay())));
        return 0;
    }
}
