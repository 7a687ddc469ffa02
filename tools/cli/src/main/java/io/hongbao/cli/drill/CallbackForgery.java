package io.hongbao.cli.drill;

import io.hongbao.cli.stack.Service;
import io.hongbao.wechatpay.sandbox.Forgery;
import io.hongbao.wechatpay.sandbox.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Every kind of forged notification is refused, counted, and changes nothing; then the genuine ones have their effect. */
final class CallbackForgery implements Drill {
    private static final int PACKET_COUNT = 5;
    private static final Duration COUNTED_MAX = Duration.ofSeconds(10);

    @Override
    public String name() {
        return "callback-forgery";
    }

    @Override
    public String summary() {
        return "forged notifications of payments are refused and counted, genuine ones are not";
    }

    @Override
    public void run(DrillContext drill) throws Exception {
        try (var money = OutsideMoney.start(drill)) {
            Sandbox sandbox = money.weChatPay().sandbox();
            List<String> payments = money.wrap(PACKET_COUNT);
            int sentCount = 0;
            for (Forgery forgery : Forgery.values()) {
                if (forgery == Forgery.GENUINE || forgery == Forgery.TRANSACTION) {
                    continue;
                }
                for (String payment : payments) {
                    int status = sandbox.notify(payment, forgery);
                    sentCount++;
                    // A connection that is cut under 10 MB is a refusal, too.
                    drill.require(
                            status / 100 == 4 || forgery == Forgery.HUGE && status == 0,
                            forgery + " was answered " + status);
                }
            }
            for (String payment : payments) {
                drill.require(!money.confirmed(payment), "a forged notification confirmed " + payment);
            }
            drill.figure("forged", sentCount);
            int all = sentCount;
            drill.await("every refusal to be counted", COUNTED_MAX, () -> refusedCount(money) == all);

            payments.forEach(payment -> sandbox.pay(payment, true));
            money.awaitConfirmed(payments);
            for (String payment : payments) {
                int status = sandbox.notify(payment, Forgery.TRANSACTION);
                drill.require(status == 400, "another payment of a paid order was answered " + status);
            }
            money.openAll();
            money.requirePaidOut();
        }
    }

    /** What wallet-bridge has counted, accepted ones left out. */
    private static long refusedCount(OutsideMoney money) throws IOException, InterruptedException {
        String address = money.stack().running().service(Service.WALLET).managementAddress();
        try (var http = HttpClient.newHttpClient()) {
            String metrics = http.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + "/q/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return metrics.lines()
                    .filter(line -> line.startsWith("hongbao_wallet_callbacks_total{"))
                    .filter(line -> !line.contains("\"accepted\""))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
