package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.hongbao.cli.stack.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What grpcurl and buf curl do: learn the interface from the server, and call it with messages made of JSON. */
@OnRunningStack
class ReflectionTest {
    private static final long ANSWER_SECONDS_MAX = 10;

    private final World world;
    private final String sender;
    private final long packetId;

    ReflectionTest(World world) {
        this.world = world;
        this.sender = world.sender(1_000);
        this.packetId = world.publish(world.lucky(sender, 1_000, 2).build());
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldListItsServices(Service service) throws Exception {
        ManagedChannel channel = channel(service);
        try {
            ServerReflectionResponse answer = ask(
                    channel,
                    ServerReflectionRequest.newBuilder().setListServices("*").build());

            List<String> names = answer.getListServicesResponse().getServiceList().stream()
                    .map(listed -> listed.getName())
                    .toList();
            assertTrue(names.contains(service.grpcService()), names.toString());
            assertTrue(names.contains("grpc.health.v1.Health"), names.toString());
        } finally {
            channel.shutdownNow();
        }
    }

    static Stream<Arguments> readCalls() {
        return Stream.of(
                arguments(Service.QUERY, "GetPacket", "{\"packet_id\":\"PACKET\"}", "seed_hash"),
                arguments(Service.QUERY, "ListShares", "{\"packet_id\":\"PACKET\"}", ""),
                arguments(Service.QUERY, "ListSentPackets", "{\"user_id\":\"SENDER\"}", ""),
                arguments(Service.QUERY, "ListReceivedShares", "{\"user_id\":\"SENDER\"}", ""),
                arguments(Service.QUERY, "GetUserSummary", "{\"user_id\":\"SENDER\",\"year\":2026}", "user_id"),
                arguments(Service.SEND, "GetPaymentStatus", "{\"packet_id\":\"PACKET\"}", "PACKET_STATE_OPEN"),
                arguments(Service.WALLET, "GetPayment", "{\"packet_id\":\"PACKET\"}", "PAYMENT_STATE_CONFIRMED"),
                arguments(Service.WALLET, "GetBalance", "{\"user_id\":\"SENDER\"}", "user_id"),
                arguments(Service.WALLET, "ListEntries", "{\"user_id\":\"SENDER\"}", "ENTRY_KIND_DEPOSIT"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("readCalls")
    void shouldAnswerACallerWithoutOurStubs(Service service, String method, String json, String expected)
            throws Exception {
        ManagedChannel channel = channel(service);
        try {
            // given the interface, as the server tells it
            Descriptors.MethodDescriptor described = file(channel, service.grpcService())
                    .findServiceByName(service.grpcService().substring("hongbao.v1.".length()))
                    .findMethodByName(method);
            var request = DynamicMessage.newBuilder(described.getInputType());
            JsonFormat.parser()
                    .merge(json.replace("PACKET", Long.toString(packetId)).replace("SENDER", sender), request);

            // when
            DynamicMessage answer = ClientCalls.blockingUnaryCall(
                    channel,
                    MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName(MethodDescriptor.generateFullMethodName(service.grpcService(), method))
                            .setRequestMarshaller(
                                    ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(described.getInputType())))
                            .setResponseMarshaller(
                                    ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(described.getOutputType())))
                            .build(),
                    CallOptions.DEFAULT.withDeadlineAfter(ANSWER_SECONDS_MAX, TimeUnit.SECONDS),
                    request.build());

            // then
            String told = JsonFormat.printer().preservingProtoFieldNames().print(answer);
            assertTrue(told.contains(expected), told);
            assertEquals(described.getOutputType(), answer.getDescriptorForType());
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void shouldKnowItsEnumsByName() throws Exception {
        ManagedChannel channel = channel(Service.SEND);
        try {
            FileDescriptor send = file(channel, Service.SEND.grpcService());
            assertTrue(send.getDependencies().stream()
                    .anyMatch(dependency -> dependency.findEnumTypeByName("PacketKind") != null));
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel(Service service) {
        return Grpc.newChannelBuilder(world.stack().addresses().of(service), InsecureChannelCredentials.create())
                .build();
    }

    /** The file that defines a symbol, with all it imports. */
    private static FileDescriptor file(ManagedChannel channel, String symbol) throws Exception {
        Map<String, FileDescriptorProto> protos = new HashMap<>();
        FileDescriptorProto root =
                files(ask(
                                channel,
                                ServerReflectionRequest.newBuilder()
                                        .setFileContainingSymbol(symbol)
                                        .build()))
                        .stream()
                        .peek(proto -> protos.put(proto.getName(), proto))
                        .filter(proto -> proto.getServiceList().stream()
                                .anyMatch(service -> symbol.equals(proto.getPackage() + "." + service.getName())))
                        .findFirst()
                        .orElseThrow();
        return build(channel, root, protos, new HashMap<>());
    }

    private static FileDescriptor build(
            ManagedChannel channel,
            FileDescriptorProto proto,
            Map<String, FileDescriptorProto> protos,
            Map<String, FileDescriptor> built)
            throws Exception {
        FileDescriptor known = built.get(proto.getName());
        if (known != null) {
            return known;
        }
        var dependencies = new FileDescriptor[proto.getDependencyCount()];
        for (int i = 0; i < dependencies.length; i++) {
            String name = proto.getDependency(i);
            if (!protos.containsKey(name)) {
                files(ask(
                                channel,
                                ServerReflectionRequest.newBuilder()
                                        .setFileByFilename(name)
                                        .build()))
                        .forEach(file -> protos.putIfAbsent(file.getName(), file));
            }
            dependencies[i] = build(channel, protos.get(name), protos, built);
        }
        FileDescriptor file = FileDescriptor.buildFrom(proto, dependencies);
        built.put(proto.getName(), file);
        return file;
    }

    private static List<FileDescriptorProto> files(ServerReflectionResponse answer) {
        return answer.getFileDescriptorResponse().getFileDescriptorProtoList().stream()
                .map(bytes -> {
                    try {
                        return FileDescriptorProto.parseFrom(bytes);
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private static ServerReflectionResponse ask(ManagedChannel channel, ServerReflectionRequest question)
            throws InterruptedException {
        BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
        StreamObserver<ServerReflectionRequest> questions = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse answer) {
                        answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answers.add(failure);
                    }

                    @Override
                    public void onCompleted() {
                        // One answer to one question is all that is wanted.
                    }
                });
        questions.onNext(question);
        questions.onCompleted();
        Object answer = answers.poll(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        if (answer instanceof ServerReflectionResponse response && !response.hasErrorResponse()) {
            return response;
        }
        throw new AssertionError("no answer to " + question + ": " + answer);
    }
}
