package io.hongbao.open.expiry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.hongbao.client.PacketIdAffinity;
import io.hongbao.core.id.PacketId;
import io.hongbao.core.packet.PacketState;
import io.hongbao.open.OpenMetrics;
import io.hongbao.open.lane.Command;
import io.hongbao.v1.ExpirePacketResponse;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PacketOwnersTest {
    private static final PacketId PACKET = PacketId.of(1, 2_500, 1, 1, 7);

    private final FakeOwners channel = new FakeOwners();
    private final List<Command> here = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PacketOwners owners = new PacketOwners(channel, here::add, new OpenMetrics(registry));

    @Test
    void shouldAskThePodThatThePacketHashesTo() {
        var asked = owners.close(PACKET);

        assertTrue(asked.succeeded());
        assertEquals(List.of(PACKET.value()), channel.routedBy);
        assertEquals(List.of(), here);
    }

    @Test
    void shouldCloseThePacketItselfWhenItsOwnerIsGone() {
        channel.status = Status.UNAVAILABLE;

        var asked = owners.close(PACKET);

        assertFalse(asked.isComplete(), "it is not closed yet");
        assertEquals(PACKET, here.getFirst().packetId());
        ((Command.Expire) here.getFirst()).done(new PacketState.Expired(1));
        assertTrue(asked.succeeded());
        assertEquals(1, registry.counter("hongbao.open.expiry.unrouted").count());
    }

    /** Answers every call at once, and keeps by what it would have been routed. */
    private static final class FakeOwners extends Channel {
        final List<@Nullable Long> routedBy = new ArrayList<>();
        Status status = Status.OK;

        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            routedBy.add(options.getOption(PacketIdAffinity.PACKET_ID));
            return new ClientCall<>() {
                private @Nullable Listener<A> listener;

                @Override
                public void start(Listener<A> answers, Metadata headers) {
                    listener = answers;
                }

                @Override
                public void sendMessage(Q request) {
                    Listener<A> answers = java.util.Objects.requireNonNull(listener);
                    if (status.isOk()) {
                        @SuppressWarnings("unchecked")
                        A answer = (A) ExpirePacketResponse.getDefaultInstance();
                        answers.onMessage(answer);
                    }
                    answers.onClose(status, new Metadata());
                }

                @Override
                public void request(int count) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {}

                @Override
                public void halfClose() {}
            };
        }

        @Override
        public String authority() {
            return "owners";
        }
    }
}
