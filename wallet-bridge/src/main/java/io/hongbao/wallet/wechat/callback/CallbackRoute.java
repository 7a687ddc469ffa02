package io.hongbao.wallet.wechat.callback;

import io.hongbao.wallet.provider.PaymentProvider;
import io.hongbao.wallet.wechat.callback.Callback.Signed;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;

/** Where WeChat Pay calls back: takes the raw body, up to a bound, and answers with what {@link Callback} says. */
@ApplicationScoped
class CallbackRoute {
    private static final String PATH = "/v3/notify/wechatpay/";

    /** A notification has one or two kilobytes. Whatever is larger is none, and is not read to its end. */
    static final int BODY_BYTES_MAX = 64 * 1_024;

    private final PaymentProvider provider;
    private final Callback callback;
    private final Vertx vertx;

    CallbackRoute(PaymentProvider provider, Callback callback, Vertx vertx) {
        this.provider = provider;
        this.callback = callback;
        this.vertx = vertx;
    }

    void begin(@Observes Router router) {
        if (!provider.holdsWallets()) {
            for (Subject subject : Subject.values()) {
                router.post(PATH + subject.name().toLowerCase(Locale.ROOT))
                        .handler(routing -> read(subject, routing.request()));
            }
        }
    }

    private void read(Subject subject, HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= BODY_BYTES_MAX) {
                body.appendBuffer(chunk);
                if (body.length() > BODY_BYTES_MAX) {
                    callback.count(Verdict.TOO_LARGE);
                    request.response()
                            .putHeader("Connection", "close")
                            .setStatusCode(Verdict.TOO_LARGE.status())
                            .end()
                            .onComplete(told -> request.connection().close());
                }
            }
        });
        request.endHandler(end -> {
            if (body.length() > BODY_BYTES_MAX) {
                return;
            }
            var signed = new Signed(
                    request.getHeader("Wechatpay-Timestamp"),
                    request.getHeader("Wechatpay-Nonce"),
                    request.getHeader("Wechatpay-Serial"),
                    request.getHeader("Wechatpay-Signature"));
            Context context = vertx.getOrCreateContext();
            callback.judge(subject, signed, body.getBytes())
                    .subscribe()
                    .with(verdict -> context.runOnContext(back -> answer(request, verdict)));
        });
    }

    private static void answer(HttpServerRequest request, Verdict verdict) {
        if (request.response().closed()) {
            return;
        }
        request.response().setStatusCode(verdict.status());
        if (verdict.status() == Verdict.ACCEPTED.status()) {
            request.response().end();
        } else {
            request.response()
                    .putHeader("Content-Type", "application/json")
                    .end("{\"code\":\"FAIL\",\"message\":\"" + verdict.name() + "\"}");
        }
    }
}
