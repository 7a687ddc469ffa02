package io.hongbao.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.stub.StreamObserver;
import io.hongbao.core.ticket.TicketSigner;
import io.hongbao.v1.GrabResponse;
import io.hongbao.v1.GrabResult;
import io.hongbao.v1.OpenRequest;
import io.hongbao.v1.OpenResponse;
import io.hongbao.v1.OpenResult;
import io.hongbao.v1.Share;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@OnRunningStack
class RushTest {
    private static final int SHARES = 100;
    private static final int USERS = 200;
    private static final long TOTAL_FEN = 100_000;

    private final World world;

    RushTest(World world) {
        this.world = world;
    }

    @Test
    void shouldGiveAHundredSharesToAHundredOfTwoHundredUsers() throws Exception {
        // given
        long packetId = world.publish(
                world.lucky(world.sender(TOTAL_FEN), TOTAL_FEN, SHARES).build());
        List<String> users =
                IntStream.range(0, USERS).mapToObj(i -> world.fresh("user")).toList();
        Map<String, OpenRequest> requests = new ConcurrentHashMap<>();
        Map<String, Long> amounts = new ConcurrentHashMap<>();

        // when all of them grab and open at once
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<?>>();
            for (String user : users) {
                futures.add(threads.submit(() -> {
                    start.await();
                    GrabResponse grabbed = world.grab(packetId, user);
                    if (grabbed.getResult() == GrabResult.GRAB_RESULT_GRANTED) {
                        OpenRequest request = OpenRequest.newBuilder()
                                .setRequestId("open")
                                .setPacketId(packetId)
                                .setUserId(user)
                                .setGroupId(World.GROUP)
                                .setTicket(grabbed.getTicket())
                                .build();
                        requests.put(user, request);
                        OpenResponse opened = world.open(request);
                        if (opened.getResult() == OpenResult.OPEN_RESULT_OPENED) {
                            amounts.put(user, opened.getAmountFen());
                        }
                    } else {
                        assertEquals(GrabResult.GRAB_RESULT_SOLD_OUT, grabbed.getResult());
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> future : futures) {
                future.get();
            }
        }

        // then
        assertEquals(SHARES, amounts.size());
        assertEquals(
                TOTAL_FEN, amounts.values().stream().mapToLong(Long::longValue).sum());
        List<Share> shares = world.view(packetId).shares();
        assertEquals(SHARES, new HashSet<>(shares.stream().map(Share::getUserId).toList()).size());
        shares.forEach(share -> assertEquals(amounts.get(share.getUserId()), share.getAmountFen()));
        // and whoever asks again hears the same
        amounts.forEach((user, fen) -> {
            OpenResponse again = world.open(requests.get(user));
            assertEquals(OpenResult.OPEN_RESULT_OPENED, again.getResult());
            assertEquals(fen, again.getAmountFen());
            assertTrue(again.getReplay());
        });
    }

    @Test
    void shouldGiveOneShareToAUserWhoOpensAHundredTimesAtOnce() throws Exception {
        // given
        long packetId =
                world.publish(world.lucky(world.sender(1_000), 1_000, 10).build());
        OpenRequest request = world.ticketed(packetId, world.fresh("user"));

        // when
        List<OpenResponse> responses = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<OpenResponse>>();
            for (int i = 0; i < 100; i++) {
                // Half of them under the same request id, half under new ones.
                String requestId = i % 2 == 0 ? "open" : "open-" + i;
                futures.add(threads.submit(() ->
                        world.open(request.toBuilder().setRequestId(requestId).build())));
            }
            for (Future<OpenResponse> future : futures) {
                responses.add(future.get());
            }
        }

        // then
        assertEquals(
                1, responses.stream().map(OpenResponse::getAmountFen).distinct().count());
        assertEquals(
                1, responses.stream().map(OpenResponse::getSequence).distinct().count());
        assertEquals(
                1, responses.stream().filter(response -> !response.getReplay()).count());
        assertEquals(1, world.view(packetId).shares().size());
    }

    /** Requests that follow each other on one connection reach the packet's owner in that order, and are served in it. */
    @Test
    void shouldServeInTheOrderOfArrival() {
        // given users with tickets, and one connection
        int shareCount = 200;
        long packetId = world.publish(
                world.lucky(world.sender(20_000), 20_000, shareCount).build());
        var signer = new TicketSigner(1, Map.of(1, SharedStack.TICKET_SECRET));
        long leaseEndMillis = System.currentTimeMillis() + 60_000;
        List<OpenRequest> requests = IntStream.range(0, shareCount)
                .mapToObj(i -> world.fresh("user"))
                .map(user -> OpenRequest.newBuilder()
                        .setRequestId("open")
                        .setPacketId(packetId)
                        .setUserId(user)
                        .setGroupId(World.GROUP)
                        .setTicket(signer.sign(packetId, user, leaseEndMillis))
                        .build())
                .toList();
        var stub = world.clients().region().open().async();
        // The connection is there before the first one of them.
        world.open(requests.getFirst());

        // when they are sent without waiting for answers
        List<CompletableFuture<OpenResponse>> answers = new ArrayList<>();
        for (OpenRequest request : requests.subList(1, requests.size())) {
            long askedAtNanos = System.nanoTime();
            var answer = new FirstAnswer<OpenResponse>();
            stub.open(request, answer);
            answers.add(answer.future.thenApply(response -> {
                world.answers().add(request, response, askedAtNanos, System.nanoTime());
                return response;
            }));
        }

        // then
        List<Integer> sequences =
                answers.stream().map(answer -> answer.join().getSequence()).toList();
        assertEquals(IntStream.rangeClosed(2, shareCount).boxed().toList(), sequences);
    }

    private static final class FirstAnswer<T> implements StreamObserver<T> {
        private final CompletableFuture<T> future = new CompletableFuture<>();
        private Optional<T> value = Optional.empty();

        @Override
        public void onNext(T next) {
            value = Optional.of(next);
        }

        @Override
        public void onError(Throwable failure) {
            future.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            future.complete(value.orElseThrow());
        }
    }
}
