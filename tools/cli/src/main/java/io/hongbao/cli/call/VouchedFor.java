package io.hongbao.cli.call;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.hongbao.client.AssertedUser;
import io.hongbao.client.RequestFirst;
import io.hongbao.core.assertion.Asker;
import io.hongbao.core.assertion.AssertionSigner;
import java.util.List;

/**
 * Vouches for whichever user a request names: the command line plays all users of a stack on this machine. An access layer
 * must not do so: it vouches for the user of a session.
 */
final class VouchedFor extends RequestFirst {
    /** A request has one of these at most, of those that act for a user. */
    private static final List<String> USER_FIELDS = List.of("user_id", "sender_id", "payer_id");

    private static final String GROUP_FIELD = "group_id";

    private final AssertionSigner signer;

    VouchedFor(AssertionSigner signer) {
        this.signer = signer;
    }

    @Override
    protected boolean concerns(MethodDescriptor<?, ?> method, CallOptions options) {
        return options.getCredentials() == null;
    }

    @Override
    protected CallOptions before(Object request, CallOptions options, Metadata headers) {
        if (!(request instanceof Message message)) {
            return options;
        }
        String user = USER_FIELDS.stream()
                .map(field -> text(message, field))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
        if (user.isEmpty()) {
            return options;
        }
        byte[] assertion;
        try {
            assertion = signer.sign(new Asker(user, text(message, GROUP_FIELD)));
        } catch (IllegalArgumentException noIds) {
            // For the service to refuse.
            return options;
        }
        return options.withCallCredentials(AssertedUser.of(assertion));
    }

    private static String text(Message message, String field) {
        FieldDescriptor found = message.getDescriptorForType().findFieldByName(field);
        return found == null ? "" : (String) message.getField(found);
    }
}
