package io.hongbao.kit.trace;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.hongbao.core.id.PacketId;
import java.util.Optional;

/** Finds the packet that a request or an answer is about. */
final class TracedMessage {
    private static final String PACKET_ID = "packet_id";

    private TracedMessage() {}

    /** From the message's own {@code packet_id}, or that of a message in it, as of a payment. */
    static Optional<PacketId> packetOf(Object message) {
        return message instanceof Message proto
                ? own(proto)
                        .or(() -> proto.getAllFields().entrySet().stream()
                                .filter(field -> field.getKey().getJavaType() == JavaType.MESSAGE
                                        && !field.getKey().isRepeated())
                                .flatMap(field -> own((Message) field.getValue()).stream())
                                .findFirst())
                : Optional.empty();
    }

    private static Optional<PacketId> own(Message message) {
        FieldDescriptor field = message.getDescriptorForType().findFieldByName(PACKET_ID);
        return field != null && field.getJavaType() == JavaType.LONG && !field.isRepeated()
                ? Optional.of((long) message.getField(field))
                        .filter(PacketId::isWellFormed)
                        .map(PacketId::new)
                : Optional.empty();
    }
}
