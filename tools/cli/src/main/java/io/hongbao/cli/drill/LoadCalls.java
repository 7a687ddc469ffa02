package io.hongbao.cli.drill;

import io.hongbao.cli.call.Clients;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.ConfirmPaymentResponse;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.CreatePacketResponse;
import io.hongbao.v1.DepositRequest;
import io.hongbao.v1.GetPaymentStatusRequest;
import io.hongbao.v1.GetPaymentStatusResponse;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;

/** Where the clients of a load call. */
interface LoadCalls {
    /** Money for a sender, wherever his packets may be made. */
    void deposit(DepositRequest request);

    CreatePacketResponse createPacket(CreatePacketRequest request);

    ConfirmPaymentResponse confirmPayment(long packetId, ConfirmPaymentRequest request);

    GetPaymentStatusResponse getPaymentStatus(GetPaymentStatusRequest request);

    GrabResponse grab(GrabRequest request);

    OpenResponse open(OpenRequest request);

    /** All calls to one stack. */
    static LoadCalls to(Clients clients) {
        return new LoadCalls() {
            @Override
            public void deposit(DepositRequest request) {
                clients.wallet().deposit(request);
            }

            @Override
            public CreatePacketResponse createPacket(CreatePacketRequest request) {
                return clients.send().createPacket(request);
            }

            @Override
            public ConfirmPaymentResponse confirmPayment(long packetId, ConfirmPaymentRequest request) {
                return clients.wallet().confirmPayment(request);
            }

            @Override
            public GetPaymentStatusResponse getPaymentStatus(GetPaymentStatusRequest request) {
                return clients.send().getPaymentStatus(request);
            }

            @Override
            public GrabResponse grab(GrabRequest request) {
                return clients.grab().grab(request);
            }

            @Override
            public OpenResponse open(OpenRequest request) {
                return clients.open().open(request);
            }
        };
    }
}
