package io.hongbao.kit.assertion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hongbao.kit.access.AccessTable;
import io.hongbao.kit.assertion.AskerTable.ForAnybody;
import io.hongbao.kit.assertion.AskerTable.ForNobody;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AskerTableTest {
    /** An RPC that is new gets a line in AskerTable; that AccessTable has one for each is tested there. */
    @Test
    void shouldHaveALineForEveryCallThatAnybodyMayMake() {
        assertEquals(new TreeSet<>(AccessTable.methods()), new TreeSet<>(AskerTable.methods()));
    }

    @Test
    void shouldAskForNoUserAmongServicesAndForOperators() {
        assertEquals(
                new TreeSet<>(Set.of(
                        "hongbao.v1.SendService/PublishPacket",
                        "hongbao.v1.OpenService/ExpirePacket",
                        "hongbao.v1.WalletService/CreatePayment",
                        "hongbao.v1.WalletService/GetPayment",
                        "hongbao.v1.WalletService/ClosePayment",
                        "hongbao.v1.WalletService/Deposit",
                        "hongbao.v1.WalletService/ListSuspendedPayouts",
                        "hongbao.v1.WalletService/ReleasePayout",
                        "grpc.health.v1.Health/Check",
                        "grpc.health.v1.Health/Watch",
                        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")),
                methodsThatAct(ForNobody.class));
    }

    @Test
    void shouldTakeAnyUserWhereTheRequestNamesNone() {
        assertEquals(
                new TreeSet<>(Set.of("hongbao.v1.SendService/GetPaymentStatus", "hongbao.v1.QueryService/ListShares")),
                methodsThatAct(ForAnybody.class));
    }

    @Test
    void shouldAskForAUserWhereACallIsInNoTable() {
        assertEquals(ForAnybody.INSTANCE, AskerTable.of("hongbao.v1.Nobody/Knows"));
    }

    private static Set<String> methodsThatAct(Class<? extends AskerTable.Acts> how) {
        return AskerTable.methods().stream()
                .filter(method -> how.isInstance(AskerTable.of(method)))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
