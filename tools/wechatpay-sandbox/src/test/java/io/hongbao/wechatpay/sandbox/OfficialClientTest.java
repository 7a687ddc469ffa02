package io.hongbao.wechatpay.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.exception.ValidationException;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RSAPublicKeyNotificationConfig;
import com.wechat.pay.java.core.notification.RequestParam;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.Amount;
import com.wechat.pay.java.service.payments.nativepay.model.CloseOrderRequest;
import com.wechat.pay.java.service.payments.nativepay.model.PrepayRequest;
import com.wechat.pay.java.service.payments.nativepay.model.QueryOrderByOutTradeNoRequest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WeChat's official client against the sandbox: it signs what the sandbox checks, and checks what the sandbox signs. */
class OfficialClientTest {
    private static final String NUMBER = "pay-1251500700001234017";

    private final Keys keys = Keys.make();
    private Sandbox sandbox;
    private NativePayService client;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(keys, 0);
        var config = new RSAPublicKeyConfig.Builder()
                .merchantId(Sandbox.MERCHANT_ID)
                .merchantSerialNumber(Keys.MERCHANT_SERIAL)
                .privateKey(keys.merchantKeyPem())
                .publicKey(keys.platformKeyPem())
                .publicKeyId(Keys.PLATFORM_SERIAL)
                .apiV3Key(keys.apiKey())
                .build();
        // Its host is fixed; the signature covers path and body only, so the call may go elsewhere.
        var http = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    var call = chain.request();
                    var here = call.url()
                            .newBuilder()
                            .scheme("http")
                            .host("127.0.0.1")
                            .port(sandbox.url().getPort())
                            .build();
                    return inItsCase(chain.proceed(call.newBuilder().url(here).build()));
                })
                .build();
        client = new NativePayService.Builder()
                .config(config)
                .httpClient(new DefaultHttpClientBuilder()
                        .config(config)
                        .okHttpClient(http)
                        .build())
                .build();
    }

    /** The JDK's server writes names of headers in a case of its own, and the official client minds. */
    private static Response inItsCase(Response response) {
        var renamed = response.newBuilder();
        for (String name : List.of("Timestamp", "Nonce", "Serial", "Signature")) {
            String value = response.header("Wechatpay-" + name);
            if (value != null) {
                renamed.removeHeader("Wechatpay-" + name).addHeader("Wechatpay-" + name, value);
            }
        }
        return renamed.build();
    }

    @AfterEach
    void end() {
        sandbox.close();
    }

    @Test
    void shouldPreparePayAndShowAnOrder() {
        // given
        String codeUrl = client.prepay(order(888)).getCodeUrl();
        sandbox.pay(NUMBER, false);
        // when
        Transaction transaction = client.queryOrderByOutTradeNo(query());
        // then
        assertTrue(codeUrl.startsWith("weixin://"));
        assertEquals(Transaction.TradeStateEnum.SUCCESS, transaction.getTradeState());
        assertEquals(888, transaction.getAmount().getTotal());
    }

    @Test
    void shouldCloseAnOrderThatNobodyCanPayThen() {
        // given
        client.prepay(order(888));
        var close = new CloseOrderRequest();
        close.setMchid(Sandbox.MERCHANT_ID);
        close.setOutTradeNo(NUMBER);
        // when
        client.closeOrder(close);
        // then
        assertEquals(false, sandbox.pay(NUMBER, false));
    }

    @Test
    void shouldTellThatThereIsNoOrder() {
        var refused = assertThrows(ServiceException.class, () -> client.queryOrderByOutTradeNo(query()));
        assertEquals("ORDER_NOT_EXIST", refused.getErrorCode());
    }

    @Test
    void shouldSendNotificationsThatTheOfficialParserReads() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        // when
        Transaction transaction =
                parser().parse(parameters(sandbox.notification(NUMBER, Forgery.GENUINE)), Transaction.class);
        // then
        assertEquals(NUMBER, transaction.getOutTradeNo());
        assertEquals(888, transaction.getAmount().getTotal());
    }

    @Test
    void shouldForgeWhatTheOfficialParserRefuses() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        // when, then
        for (Forgery forgery : new Forgery[] {Forgery.SIGNATURE, Forgery.OTHER_KEY}) {
            assertThrows(
                    ValidationException.class,
                    () -> parser().parse(parameters(sandbox.notification(NUMBER, forgery)), Transaction.class),
                    forgery.name());
        }
    }

    private NotificationParser parser() {
        return new NotificationParser(new RSAPublicKeyNotificationConfig.Builder()
                .publicKey(keys.platformKeyPem())
                .publicKeyId(Keys.PLATFORM_SERIAL)
                .apiV3Key(keys.apiKey())
                .build());
    }

    private static RequestParam parameters(HttpRequest notification) {
        return new RequestParam.Builder()
                .serialNumber(header(notification, "Wechatpay-Serial"))
                .nonce(header(notification, "Wechatpay-Nonce"))
                .signature(header(notification, "Wechatpay-Signature"))
                .timestamp(header(notification, "Wechatpay-Timestamp"))
                .signType(header(notification, "Wechatpay-Signature-Type"))
                .body(body(notification))
                .build();
    }

    private static String header(HttpRequest notification, String name) {
        return notification.headers().firstValue(name).orElseThrow();
    }

    private static String body(HttpRequest notification) {
        var text = new CompletableFuture<String>();
        notification.bodyPublisher().orElseThrow().subscribe(new Flow.Subscriber<>() {
            private final StringBuilder parts = new StringBuilder();

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(ByteBuffer part) {
                parts.append(StandardCharsets.UTF_8.decode(part));
            }

            @Override
            public void onError(Throwable failure) {
                text.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                text.complete(parts.toString());
            }
        });
        return text.join();
    }

    private static PrepayRequest order(int totalFen) {
        var order = new PrepayRequest();
        order.setAppid(Sandbox.APP_ID);
        order.setMchid(Sandbox.MERCHANT_ID);
        order.setDescription("红包");
        order.setOutTradeNo(NUMBER);
        order.setNotifyUrl("http://127.0.0.1:1/v3/notify/wechatpay/payment");
        var amount = new Amount();
        amount.setTotal(totalFen);
        order.setAmount(amount);
        return order;
    }

    private static QueryOrderByOutTradeNoRequest query() {
        var query = new QueryOrderByOutTradeNoRequest();
        query.setMchid(Sandbox.MERCHANT_ID);
        query.setOutTradeNo(NUMBER);
        return query;
    }
}
