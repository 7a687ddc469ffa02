package io.hongbao.cli.drill;

import io.hongbao.wechatpay.sandbox.Forgery;
import io.hongbao.wechatpay.sandbox.Sandbox;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Each notification of a payment comes twenty times, in disorder, all at once: each has its effect once. */
final class CallbackStorm implements Drill {
    private static final int PACKET_COUNT = 20;
    private static final int TIMES = 20;
    /** Notifications at once. */
    private static final int AT_ONCE = 32;

    @Override
    public String name() {
        return "callback-storm";
    }

    @Override
    public String summary() {
        return "each notification comes 20 times, shuffled, and has its effect once";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        try (var money = OutsideMoney.start(drill);
                var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            Sandbox sandbox = money.weChatPay().sandbox();
            List<String> payments = money.wrap(PACKET_COUNT);
            payments.forEach(payment -> sandbox.pay(payment, false));
            var storm = new ArrayList<String>();
            for (int i = 0; i < TIMES; i++) {
                storm.addAll(payments);
            }
            Collections.shuffle(storm, new Random(drill.seed()));
            List<Future<Integer>> answers = storm.stream()
                    .map(payment -> threads.submit(() -> sandbox.notify(payment, Forgery.GENUINE)))
                    .toList();
            int acceptedCount = 0;
            for (Future<Integer> answer : answers) {
                int status = answer.get();
                acceptedCount += status == 204 ? 1 : 0;
                // 503 means: come again. There is no other answer to what is genuine.
                drill.require(status == 204 || status == 503, "a genuine notification was answered " + status);
            }
            drill.figure("notifications", storm.size());
            drill.figure("accepted", acceptedCount);
            drill.figure("confirmed_ms", money.awaitConfirmed(payments));
            money.openAll();
            money.requirePaidOut();
        }
    }
}
