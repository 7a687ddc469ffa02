package io.hongbao.cli.call;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** An error as one JSON object. */
final class ErrorJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ErrorJson() {}

    static String of(CallFailure error) {
        ObjectNode inner = JSON.createObjectNode()
                .put("code", error.code().name())
                .put("reason", error.reason())
                .put("message", error.message());
        inner.set("metadata", JSON.valueToTree(error.metadata()));
        return JSON.createObjectNode().set("error", inner).toString();
    }
}
