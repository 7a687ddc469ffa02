package io.hongbao.kit.access;

import static io.hongbao.tls.Party.ACCESS_LAYER;
import static io.hongbao.tls.Party.GRAB_SVC;
import static io.hongbao.tls.Party.OPEN_SVC;
import static io.hongbao.tls.Party.OPERATOR;
import static io.hongbao.tls.Party.PROBE;
import static io.hongbao.tls.Party.QUERY_SVC;
import static io.hongbao.tls.Party.SEND_SVC;
import static io.hongbao.tls.Party.WALLET_BRIDGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.hongbao.tls.Party;
import io.hongbao.v1.SendServiceGrpc;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessTableTest {
    private static final Set<String> HEALTH = Set.of("grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch");

    /** What users do, through an access layer. */
    private static final Set<String> FOR_USERS = Set.of(
            "hongbao.v1.SendService/CreatePacket",
            "hongbao.v1.SendService/GetPaymentStatus",
            "hongbao.v1.SendService/CancelPacket",
            "hongbao.v1.GrabService/Grab",
            "hongbao.v1.OpenService/Open",
            "hongbao.v1.QueryService/GetPacket",
            "hongbao.v1.QueryService/ListShares",
            "hongbao.v1.QueryService/ListSentPackets",
            "hongbao.v1.QueryService/ListReceivedShares",
            "hongbao.v1.QueryService/GetUserSummary",
            "hongbao.v1.WalletService/PreparePayment",
            "hongbao.v1.WalletService/ConfirmPayment",
            "hongbao.v1.WalletService/GetPayment",
            "hongbao.v1.WalletService/GetBalance",
            "hongbao.v1.WalletService/ListEntries",
            "hongbao.v1.WalletService/GetCredit");

    /** All that each party may do, said a second time and the other way round. */
    private static final Map<Party, Set<String>> MAY = Map.of(
            ACCESS_LAYER, FOR_USERS,
            OPERATOR,
                    with(
                            FOR_USERS,
                            "hongbao.v1.OpenService/ExpirePacket",
                            "hongbao.v1.WalletService/Deposit",
                            "hongbao.v1.WalletService/ListSuspendedPayouts",
                            "hongbao.v1.WalletService/ReleasePayout",
                            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
            SEND_SVC,
                    Set.of(
                            "hongbao.v1.WalletService/CreatePayment",
                            "hongbao.v1.WalletService/GetPayment",
                            "hongbao.v1.WalletService/ClosePayment"),
            WALLET_BRIDGE, Set.of("hongbao.v1.SendService/PublishPacket"),
            GRAB_SVC, Set.of(),
            OPEN_SVC, Set.of("hongbao.v1.OpenService/ExpirePacket"),
            QUERY_SVC, Set.of(),
            PROBE, Set.of());

    @ParameterizedTest
    @EnumSource(Party.class)
    void shouldAllowEachPartyItsCallsAndNoOthers(Party party) throws Exception {
        Set<String> methods = new TreeSet<>(methodsOfContracts());
        methods.addAll(AccessTable.methods());

        Set<String> allowed = methods.stream()
                .filter(method -> AccessTable.allows(party, method))
                .collect(Collectors.toSet());

        assertEquals(new TreeSet<>(with(HEALTH, MAY.get(party).toArray(String[]::new))), new TreeSet<>(allowed));
    }

    /** An RPC that is new gets a line in AccessTable, and one in MAY above. */
    @Test
    void shouldHaveALineForEveryRpcOfTheContracts() throws Exception {
        Set<String> missing = new TreeSet<>(methodsOfContracts());

        missing.removeAll(AccessTable.methods());

        assertEquals(Set.of(), missing, "nobody may call these while TLS is on: add them to AccessTable");
    }

    @Test
    void shouldRefuseWhatIsInNoTable() {
        assertTrue(Stream.of(Party.values()).noneMatch(party -> AccessTable.allows(party, "hongbao.v1.Nobody/Knows")));
    }

    /** Of every service in the contracts, found by their generated classes, so that none is forgotten. */
    private static Set<String> methodsOfContracts() throws Exception {
        URI contracts = SendServiceGrpc.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        if (Files.isDirectory(Path.of(contracts))) {
            return methodsIn(Path.of(contracts));
        }
        try (FileSystem jar = FileSystems.newFileSystem(Path.of(contracts))) {
            return methodsIn(jar.getPath("/"));
        }
    }

    private static Set<String> methodsIn(Path root) throws Exception {
        var methods = new TreeSet<String>();
        try (var files = Files.list(root.resolve("io/hongbao/v1"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.matches("[A-Za-z]+ServiceGrpc\\.class") && !name.startsWith("Mutiny")) {
                    var service = (ServiceDescriptor) Class.forName("io.hongbao.v1." + name.replace(".class", ""))
                            .getMethod("getServiceDescriptor")
                            .invoke(null);
                    service.getMethods().stream()
                            .map(MethodDescriptor::getFullMethodName)
                            .forEach(methods::add);
                }
            }
        }
        assertTrue(methods.size() >= FOR_USERS.size(), "the contracts were not found");
        return methods;
    }

    private static Set<String> with(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toSet());
    }
}
