package io.hongbao.kit.assertion;

import grpc.health.v1.HealthGrpc;
import io.grpc.MethodDescriptor;
import io.hongbao.core.assertion.Asker;
import io.hongbao.v1.CancelPacketRequest;
import io.hongbao.v1.ConfirmPaymentRequest;
import io.hongbao.v1.CreatePacketRequest;
import io.hongbao.v1.GetBalanceRequest;
import io.hongbao.v1.GetCreditRequest;
import io.hongbao.v1.GetPacketRequest;
import io.hongbao.v1.GetUserSummaryRequest;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabServiceGrpc;
import io.hongbao.v1.ListEntriesRequest;
import io.hongbao.v1.ListReceivedSharesRequest;
import io.hongbao.v1.ListSentPacketsRequest;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenServiceGrpc;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.QueryServiceGrpc;
import io.hongbao.v1.SendServiceGrpc;
import io.hongbao.v1.WalletServiceGrpc;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * For whom each call acts, over all services. A call that is not in the table needs the assertion of some user: a new RPC
 * gets its line here.
 */
final class AskerTable {
    /** For whom a call acts. */
    sealed interface Acts {}

    /** For nobody: services among themselves, operators, health. */
    enum ForNobody implements Acts {
        INSTANCE
    }

    /** For some user or other, who looks at what belongs to no single one. */
    enum ForAnybody implements Acts {
        INSTANCE
    }

    /**
     * For the user that the request names, in the group that it names.
     *
     * @param named has an empty group where the request names none; an empty user where the call is for anybody then
     */
    record ForOne<ReqT>(Function<ReqT, Asker> named) implements Acts {}

    private static final Map<String, Acts> ACTS = Map.ofEntries(
            forOne(
                    SendServiceGrpc.getCreatePacketMethod(),
                    CreatePacketRequest::getSenderId,
                    CreatePacketRequest::getGroupId),
            forAnybody(SendServiceGrpc.getGetPaymentStatusMethod()),
            forOne(SendServiceGrpc.getCancelPacketMethod(), CancelPacketRequest::getSenderId),
            forNobody(SendServiceGrpc.getPublishPacketMethod()),
            forOne(GrabServiceGrpc.getGrabMethod(), GrabRequest::getUserId, GrabRequest::getGroupId),
            forOne(OpenServiceGrpc.getOpenMethod(), OpenRequest::getUserId, OpenRequest::getGroupId),
            forNobody(OpenServiceGrpc.getExpirePacketMethod()),
            forOne(QueryServiceGrpc.getGetPacketMethod(), GetPacketRequest::getUserId),
            forAnybody(QueryServiceGrpc.getListSharesMethod()),
            forOne(QueryServiceGrpc.getListSentPacketsMethod(), ListSentPacketsRequest::getUserId),
            forOne(QueryServiceGrpc.getListReceivedSharesMethod(), ListReceivedSharesRequest::getUserId),
            forOne(QueryServiceGrpc.getGetUserSummaryMethod(), GetUserSummaryRequest::getUserId),
            // send-svc asks for the payer's payment, after it has seen the payer's assertion itself.
            forNobody(WalletServiceGrpc.getCreatePaymentMethod()),
            forOne(WalletServiceGrpc.getPreparePaymentMethod(), PreparePaymentRequest::getPayerId),
            forOne(WalletServiceGrpc.getConfirmPaymentMethod(), ConfirmPaymentRequest::getPayerId),
            // send-svc asks here as well, without a user, when a confirmation was missed.
            forNobody(WalletServiceGrpc.getGetPaymentMethod()),
            forNobody(WalletServiceGrpc.getClosePaymentMethod()),
            forOne(WalletServiceGrpc.getGetBalanceMethod(), GetBalanceRequest::getUserId),
            // Money from outside: an operator answers for it, not the user.
            forNobody(WalletServiceGrpc.getDepositMethod()),
            forOne(WalletServiceGrpc.getListEntriesMethod(), ListEntriesRequest::getUserId),
            forOne(WalletServiceGrpc.getGetCreditMethod(), GetCreditRequest::getUserId),
            forNobody(WalletServiceGrpc.getListSuspendedPayoutsMethod()),
            forNobody(WalletServiceGrpc.getReleasePayoutMethod()),
            forNobody(HealthGrpc.getCheckMethod()),
            forNobody(HealthGrpc.getWatchMethod()),
            Map.entry("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ForNobody.INSTANCE),
            Map.entry("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", ForNobody.INSTANCE));

    private AskerTable() {}

    /** @param method full name, as {@code hongbao.v1.GrabService/Grab} */
    static Acts of(String method) {
        return ACTS.getOrDefault(method, ForAnybody.INSTANCE);
    }

    /** Every method with a line. */
    static Set<String> methods() {
        return ACTS.keySet();
    }

    private static Map.Entry<String, Acts> forNobody(MethodDescriptor<?, ?> method) {
        return Map.entry(method.getFullMethodName(), ForNobody.INSTANCE);
    }

    private static Map.Entry<String, Acts> forAnybody(MethodDescriptor<?, ?> method) {
        return Map.entry(method.getFullMethodName(), ForAnybody.INSTANCE);
    }

    private static <ReqT> Map.Entry<String, Acts> forOne(
            MethodDescriptor<ReqT, ?> method, Function<ReqT, String> userId) {
        return forOne(method, userId, request -> "");
    }

    private static <ReqT> Map.Entry<String, Acts> forOne(
            MethodDescriptor<ReqT, ?> method, Function<ReqT, String> userId, Function<ReqT, String> groupId) {
        return Map.entry(
                method.getFullMethodName(),
                new ForOne<ReqT>(request -> new Asker(userId.apply(request), groupId.apply(request))));
    }
}
