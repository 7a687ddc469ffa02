package io.hongbao.cli.call;

import io.hongbao.cli.stack.Addresses;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.StackAssertions;
import io.hongbao.cli.stack.StackCertificates;
import io.hongbao.client.Endpoints;
import io.hongbao.client.HongbaoClient;
import io.hongbao.client.RegionClient;
import io.hongbao.core.id.PacketId;
import io.hongbao.tls.Party;
import io.hongbao.v1.GrabServiceGrpc.GrabServiceBlockingStub;
import io.hongbao.v1.OpenServiceGrpc.OpenServiceBlockingStub;
import io.hongbao.v1.QueryServiceGrpc.QueryServiceBlockingStub;
import io.hongbao.v1.SendServiceGrpc.SendServiceBlockingStub;
import io.hongbao.v1.WalletServiceGrpc.WalletServiceBlockingStub;
import java.time.Duration;

/**
 * The Java client on the addresses of one stack, with the stubs that a command needs. Every call goes to this stack: a
 * packet of another region is for its services to refuse.
 */
public final class Clients implements AutoCloseable {
    /** Longer than any service takes when it works, short enough for a person to wait. */
    public static final Duration DEADLINE = Duration.ofSeconds(5);

    private final HongbaoClient client;

    public Clients(Addresses addresses) {
        var builder = HongbaoClient.builder()
                .region(PacketId.NORTH, endpoints(addresses))
                .deadline(DEADLINE);
        // A person calls, who may do what an access layer may, and deposit money besides.
        addresses.certificates().ifPresent(folder -> {
            builder.tls(StackCertificates.as(Party.OPERATOR, folder));
            StackAssertions.signer(folder).ifPresent(signer -> builder.intercept(new VouchedFor(signer)));
        });
        client = builder.build();
    }

    /** A stack, as the Java client wants to know it. */
    public static Endpoints endpoints(Addresses addresses) {
        return new Endpoints(
                target(addresses, Service.SEND),
                target(addresses, Service.GRAB),
                target(addresses, Service.OPEN),
                target(addresses, Service.QUERY),
                target(addresses, Service.WALLET));
    }

    private static String target(Addresses addresses, Service service) {
        return "hongbao-static:///" + String.join(",", addresses.all(service));
    }

    public SendServiceBlockingStub send() {
        return client.home().send().blocking();
    }

    public GrabServiceBlockingStub grab() {
        return client.home().grab().blocking();
    }

    public OpenServiceBlockingStub open() {
        return client.home().open().blocking();
    }

    public QueryServiceBlockingStub query() {
        return client.home().query().blocking();
    }

    public WalletServiceBlockingStub wallet() {
        return client.home().wallet().blocking();
    }

    /** The client itself, for stubs of another kind. */
    public RegionClient region() {
        return client.home();
    }

    @Override
    public void close() {
        client.close();
    }
}
