package io.hongbao.cli.demo;

import io.grpc.StatusRuntimeException;
import io.hongbao.cli.call.CallFailure;
import io.hongbao.cli.call.Clients;
import io.hongbao.cli.promise.AnswerLog;
import io.hongbao.v1.GrabRequest;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** A crowd that grabs and opens one packet at the same moment, as access layers would for it. */
final class Rush {
    /** Calls in flight from this program, over all packets: enough to queue up, not so many that deadlines pass. */
    private static final int IN_FLIGHT_MAX = 256;

    private final Clients clients;
    private final AnswerLog answers;
    private final String groupId;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);

    Rush(Clients clients, AnswerLog answers, String groupId) {
        this.clients = clients;
        this.answers = answers;
        this.groupId = groupId;
    }

    /** @return what each came to, in the order of {@code users} */
    List<Outcome> run(long packetId, List<String> users) throws InterruptedException {
        var start = new CountDownLatch(1);
        // Nobody should win by the place in a list.
        var order = new ArrayList<>(users);
        Collections.shuffle(order, new Random(packetId));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<Outcome>>();
            for (String user : order) {
                futures.add(threads.submit(() -> {
                    start.await();
                    return one(packetId, user);
                }));
            }
            start.countDown();
            var outcomes = new ArrayList<Outcome>();
            for (Future<Outcome> future : futures) {
                outcomes.add(future.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a user's rush broke", e.getCause());
        }
    }

    /** One user grabs, and opens if there is a ticket. */
    Outcome one(long packetId, String user) throws InterruptedException {
        String requestId = "rush-" + packetId;
        try {
            GrabResponse grabbed = persistently(() -> clients.grab()
                    .grab(GrabRequest.newBuilder()
                            .setRequestId(requestId)
                            .setPacketId(packetId)
                            .setUserId(user)
                            .setGroupId(groupId)
                            .build()));
            if (grabbed.getResult() != GrabResult.GRAB_RESULT_GRANTED) {
                return new Outcome.Refused(user, words(grabbed.getResult().name(), "GRAB_RESULT_"));
            }
            return open(OpenRequest.newBuilder()
                    .setRequestId(requestId)
                    .setPacketId(packetId)
                    .setUserId(user)
                    .setGroupId(groupId)
                    .setTicket(grabbed.getTicket())
                    .build());
        } catch (StatusRuntimeException failure) {
            return new Outcome.Failed(user, CallFailure.of(failure));
        }
    }

    /** Sends one open, for the first time or again. */
    Outcome open(OpenRequest request) throws InterruptedException {
        try {
            OpenResponse response = persistently(() -> {
                long askedAtNanos = System.nanoTime();
                OpenResponse answer = clients.open().open(request);
                answers.add(request, answer, askedAtNanos, System.nanoTime());
                return answer;
            });
            return response.getResult() == OpenResult.OPEN_RESULT_OPENED
                    ? new Outcome.Opened(request, response.getAmountFen(), response.getSequence())
                    : new Outcome.Refused(
                            request.getUserId(), words(response.getResult().name(), "OPEN_RESULT_"));
        } catch (StatusRuntimeException failure) {
            return new Outcome.Failed(request.getUserId(), CallFailure.of(failure));
        }
    }

    private <T> T persistently(Supplier<T> call) throws InterruptedException {
        return Patience.repeat(() -> {
            inFlight.acquireUninterruptibly();
            try {
                return call.get();
            } finally {
                inFlight.release();
            }
        });
    }

    private static String words(String name, String prefix) {
        return name.replace(prefix, "").replace('_', ' ').toLowerCase(Locale.ROOT);
    }
}
