package io.hongbao.cli.up;

import static java.util.stream.Collectors.joining;

import io.hongbao.cli.stack.Service;
import io.hongbao.cli.text.Table;
import io.hongbao.tls.Party;
import java.util.List;

/** Where everything is, and calls to copy. */
final class StackCard {
    private StackCard() {}

    /** Of each region, under its name if there are several. */
    static String of(List<StackState> states) {
        return states.stream()
                .map(state -> (states.size() == 1 ? "" : state.region().word() + "\n\n") + of(state))
                .collect(joining("\n"));
    }

    private static String of(StackState state) {
        var services = Table.indented("  ").left("service").left("gRPC").left("health and metrics");
        state.services()
                .forEach(service -> services.row(
                        service.name(), service.address(), "http://" + service.management() + "/q/health/ready"));
        var servers = Table.indented("  ").left("server").left("address");
        state.servers().forEach(server -> servers.row(server.name(), server.address()));
        String calls = state.certificatesFolder()
                .map(folder -> calls(state)
                        .replace("grpcurl -plaintext", "grpcurl $TLS")
                        .replaceAll("(?m)^ *buf curl.*\\R", "")
                        .transform(lines -> "  TLS=\"-insecure -cert %1$s/tls.crt -key %1$s/tls.key\"%n"
                                        .formatted(folder.resolve(Party.OPERATOR.label()))
                                + lines))
                .orElseGet(() -> calls(state));
        return services + "\n" + servers + "\n" + calls + "\n  logs: " + state.folder() + "\n";
    }

    private static String calls(StackState state) {
        String wallet = state.addresses().of(Service.WALLET);
        String send = state.addresses().of(Service.SEND);
        String grab = state.addresses().of(Service.GRAB);
        String open = state.addresses().of(Service.OPEN);
        String query = state.addresses().of(Service.QUERY);
        return """
                  grpcurl -plaintext %1$s list
                  grpcurl -plaintext -d '{"request_id":"d1","user_id":"li-na","amount_fen":100000}' %1$s %6$s/Deposit
                  grpcurl -plaintext -d '{"request_id":"p1","sender_id":"li-na","group_id":"friends","kind":"PACKET_KIND_LUCKY","total_fen":8888,"share_count":8}' %2$s %7$s/CreatePacket
                  grpcurl -plaintext -d '{"request_id":"c1","payment_id":"PAYMENT","payer_id":"li-na","amount_fen":8888}' %1$s %6$s/ConfirmPayment
                  grpcurl -plaintext -d '{"request_id":"g1","packet_id":"PACKET","user_id":"wang-wei","group_id":"friends"}' %3$s %8$s/Grab
                  grpcurl -plaintext -d '{"request_id":"o1","packet_id":"PACKET","user_id":"wang-wei","group_id":"friends","ticket":"TICKET"}' %4$s %9$s/Open
                  grpcurl -plaintext -d '{"packet_id":"PACKET"}' %5$s %10$s/GetPacket
                  buf curl --protocol grpc --http2-prior-knowledge -d '{"user_id":"li-na"}' http://%1$s/%6$s/GetBalance
                """.formatted(
                        wallet,
                        send,
                        grab,
                        open,
                        query,
                        Service.WALLET.grpcService(),
                        Service.SEND.grpcService(),
                        Service.GRAB.grpcService(),
                        Service.OPEN.grpcService(),
                        Service.QUERY.grpcService());
    }
}
