package io.hongbao.cli.demo;

import io.hongbao.cli.call.CallFailure;
import io.hongbao.v1.OpenRequest;

/** What one user's rush came to. */
sealed interface Outcome {
    String userId();

    /** @param request what was asked, so that it can be asked again */
    record Opened(OpenRequest request, long amountFen, int sequence) implements Outcome {
        @Override
        public String userId() {
            return request.getUserId();
        }
    }

    /** The answer was no. @param why in small words, for instance {@code sold out} */
    record Refused(String userId, String why) implements Outcome {}

    /** There was no answer: an error that did not go away. */
    record Failed(String userId, CallFailure error) implements Outcome {}
}
