package io.hongbao.cli.promise;

import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Every answer the clients got, from many threads. An open without an answer leaves nothing: it promised nothing. */
public final class AnswerLog {
    private final Queue<OpenAnswer> answers = new ConcurrentLinkedQueue<>();

    public void add(OpenAnswer answer) {
        answers.add(answer);
    }

    public void add(OpenRequest request, OpenResponse response, long askedAtNanos, long answeredAtNanos) {
        add(new OpenAnswer(
                request.getPacketId(),
                request.getUserId(),
                request.getRequestId(),
                response.getResult(),
                response.getAmountFen(),
                response.getSequence(),
                response.getReplay(),
                askedAtNanos,
                answeredAtNanos));
    }

    public List<OpenAnswer> answers() {
        return List.copyOf(answers);
    }
}
