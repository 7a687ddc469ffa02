package io.hongbao.kit.access;

import static io.hongbao.tls.Party.ACCESS_LAYER;
import static io.hongbao.tls.Party.OPEN_SVC;
import static io.hongbao.tls.Party.OPERATOR;
import static io.hongbao.tls.Party.SEND_SVC;
import static io.hongbao.tls.Party.WALLET_BRIDGE;

import grpc.health.v1.HealthGrpc;
import io.grpc.MethodDescriptor;
import io.hongbao.tls.Party;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Who may call what, over all services. A call that is not in the table is refused, whoever calls: a new RPC gets its line
 * here, or nobody can call it while TLS is on.
 */
public final class AccessTable {
    private static final Map<String, Set<Party>> ALLOWED = Map.ofEntries(
            allow(SendServiceGrpc.getCreatePacketMethod(), ACCESS_LAYER, OPERATOR),
            allow(SendServiceGrpc.getGetPaymentStatusMethod(), ACCESS_LAYER, OPERATOR),
            allow(SendServiceGrpc.getCancelPacketMethod(), ACCESS_LAYER, OPERATOR),
            allow(SendServiceGrpc.getPublishPacketMethod(), WALLET_BRIDGE),
            allow(GrabServiceGrpc.getGrabMethod(), ACCESS_LAYER, OPERATOR),
            allow(OpenServiceGrpc.getOpenMethod(), ACCESS_LAYER, OPERATOR),
            allow(OpenServiceGrpc.getExpirePacketMethod(), OPEN_SVC, OPERATOR),
            allow(QueryServiceGrpc.getGetPacketMethod(), ACCESS_LAYER, OPERATOR),
            allow(QueryServiceGrpc.getListSharesMethod(), ACCESS_LAYER, OPERATOR),
            allow(QueryServiceGrpc.getListSentPacketsMethod(), ACCESS_LAYER, OPERATOR),
            allow(QueryServiceGrpc.getListReceivedSharesMethod(), ACCESS_LAYER, OPERATOR),
            allow(QueryServiceGrpc.getGetUserSummaryMethod(), ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getCreatePaymentMethod(), SEND_SVC),
            allow(WalletServiceGrpc.getPreparePaymentMethod(), ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getConfirmPaymentMethod(), ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getGetPaymentMethod(), SEND_SVC, ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getClosePaymentMethod(), SEND_SVC),
            allow(WalletServiceGrpc.getGetBalanceMethod(), ACCESS_LAYER, OPERATOR),
            // Money from outside enters only where a person answers for it.
            allow(WalletServiceGrpc.getDepositMethod(), OPERATOR),
            allow(WalletServiceGrpc.getListEntriesMethod(), ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getGetCreditMethod(), ACCESS_LAYER, OPERATOR),
            allow(WalletServiceGrpc.getListSuspendedPayoutsMethod(), OPERATOR),
            allow(WalletServiceGrpc.getReleasePayoutMethod(), OPERATOR),
            // Health tells no secrets, and everybody who may call at all may ask before he does.
            allow(HealthGrpc.getCheckMethod(), Party.values()),
            allow(HealthGrpc.getWatchMethod(), Party.values()),
            // Reflection shows the contracts: for people with grpcurl.
            Map.entry("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Set.of(OPERATOR)),
            Map.entry("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Set.of(OPERATOR)));

    private AccessTable() {}

    private static Map.Entry<String, Set<Party>> allow(MethodDescriptor<?, ?> method, Party... callers) {
        return Map.entry(method.getFullMethodName(), Set.copyOf(EnumSet.of(callers[0], callers)));
    }

    /** @param method full name, as {@code hongbao.v1.GrabService/Grab} */
    public static boolean allows(Party caller, String method) {
        return ALLOWED.getOrDefault(method, Set.of()).contains(caller);
    }

    /** Every method with a line. */
    public static Set<String> methods() {
        return ALLOWED.keySet();
    }
}
