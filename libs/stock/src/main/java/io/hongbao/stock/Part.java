package io.hongbao.stock;

import io.hongbao.core.answer.AnswerBatch;
import io.hongbao.core.id.PacketId;
import io.hongbao.stock.StockUnavailableException.Cause;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * One command to Redis and the calls that it makes, in the order of their answers. A function call costs Redis several
 * times what it does for one user, so neighbours that want the same of a packet, or of several, share one: what is read
 * of a packet is read once for all its users, and each has an answer of its own.
 */
record Part(Request request, List<? extends Call> calls) {
    private static final int RESULT_FAILED = -1;

    /** Asks only whether Redis lives. */
    static final Part PING = new Part(Request.cmd(Command.PING), List.of());

    /** Calls of one packet stay in their order; users of different packets and groups may change places. */
    static List<Part> of(List<Call> calls) {
        var parts = new ArrayList<Part>();
        for (int i = 0; i < calls.size(); ) {
            switch (calls.get(i)) {
                case Call.Single single -> {
                    parts.add(new Part(single.request, List.of(single)));
                    i++;
                }
                case Call.OfUser first -> {
                    var users = new LinkedHashMap<Key, List<Call.OfUser>>();
                    while (i < calls.size()
                            && calls.get(i) instanceof Call.OfUser next
                            && next.many.equals(first.many)) {
                        users.computeIfAbsent(new Key(next.packetId, next.groupId), key -> new ArrayList<>(2))
                                .add(next);
                        i++;
                    }
                    parts.add(of(first.many, users));
                }
            }
        }
        return parts;
    }

    private record Key(PacketId packetId, String groupId) {}

    private static Part of(Call.Many many, LinkedHashMap<Key, List<Call.OfUser>> users) {
        Request request = Request.cmd(Command.FCALL).arg(many.function()).arg(2 * users.size());
        for (Key key : users.keySet()) {
            String prefix = StockClient.keyPrefix(key.packetId());
            request.arg(prefix + "packet").arg(prefix + "seats");
        }
        request.arg(many.leaseMillis());
        var inOrder = new ArrayList<Call.OfUser>();
        users.forEach((key, calls) -> {
            request.arg(key.groupId()).arg(calls.size());
            for (Call.OfUser call : calls) {
                request.arg(call.userId);
            }
            inOrder.addAll(calls);
        });
        return new Part(request, inOrder);
    }

    /** @param response result and number of each call, one after the other */
    void answer(Response response, AnswerBatch answers) {
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            int result;
            long number;
            try {
                result = response.get(2 * i).toInteger();
                number = response.get(2 * i + 1).toLong();
            } catch (RuntimeException unreadable) {
                result = RESULT_FAILED;
                number = 0;
            }
            int said = result;
            long told = number;
            answers.add(
                    call.answerOn(),
                    said == RESULT_FAILED
                            ? () -> call.failed(
                                    new StockUnavailableException(Cause.UNUSABLE, "Redis cannot use what it holds"))
                            : () -> call.answered(said, told));
        }
    }

    void fail(StockUnavailableException failure, AnswerBatch answers) {
        for (Call call : calls) {
            answers.add(call.answerOn(), () -> call.failed(failure));
        }
    }
}
