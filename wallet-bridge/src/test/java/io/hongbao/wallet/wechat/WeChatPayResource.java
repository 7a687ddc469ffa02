package io.hongbao.wallet.wechat;

import io.hongbao.stackprocess.FreePorts;
import io.hongbao.wechatpay.sandbox.Keys;
import io.hongbao.wechatpay.sandbox.Sandbox;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/** A WeChat Pay for the service under test. The test speaks to it over HTTP: it lives in another class loader. */
public class WeChatPayResource implements QuarkusTestResourceLifecycleManager {
    private Sandbox sandbox;

    @Override
    public Map<String, String> start() {
        try {
            Keys keys = Keys.make();
            sandbox = Sandbox.start(keys, 0);
            var files = keys.write(Files.createTempDirectory("wechatpay"));
            String port = Integer.toString(FreePorts.next());
            var settings = new HashMap<String, String>();
            settings.put("hongbao.payment.provider", "wechatpay");
            settings.put("quarkus.http.host-enabled", "true");
            settings.put("quarkus.http.host", "127.0.0.1");
            settings.put("quarkus.http.test-port", port);
            String prefix = "hongbao.wechatpay.";
            settings.put(prefix + "url", sandbox.url().toString());
            settings.put(prefix + "app-id", Sandbox.APP_ID);
            settings.put(prefix + "merchant-id", Sandbox.MERCHANT_ID);
            settings.put(prefix + "merchant-serial", Keys.MERCHANT_SERIAL);
            settings.put(prefix + "merchant-key-file", files.merchantKey().toString());
            settings.put(prefix + "api-key-file", files.apiKey().toString());
            settings.put(
                    prefix + "platform-key-files.\"" + Keys.PLATFORM_SERIAL + "\"",
                    files.platformKey().toString());
            settings.put(prefix + "notify-url", "http://127.0.0.1:" + port + "/v3/notify/wechatpay");
            settings.put(prefix + "order-ask-min", "1s");
            settings.put(prefix + "answer-time-max", "4s");
            settings.put("hongbao.payout.retry-min", "1s");
            settings.put("hongbao.payout.retry-max", "2s");
            settings.put("hongbao.payout.pause-max", "1s");
            settings.put("hongbao.payout.refusal-count-max", "2");
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        sandbox.close();
    }
}
