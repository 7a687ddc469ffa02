package io.hongbao.wechatpay.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.exception.ValidationException;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.http.HttpHeaders;
import com.wechat.pay.java.core.http.JsonRequestBody;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RSAPublicKeyNotificationConfig;
import com.wechat.pay.java.core.notification.RequestParam;
import com.wechat.pay.java.service.billdownload.BillDownloadServiceExtension;
import com.wechat.pay.java.service.billdownload.DigestBillEntity;
import com.wechat.pay.java.service.billdownload.model.AccountType;
import com.wechat.pay.java.service.billdownload.model.GetFundFlowBillRequest;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.Amount;
import com.wechat.pay.java.service.payments.nativepay.model.CloseOrderRequest;
import com.wechat.pay.java.service.payments.nativepay.model.PrepayRequest;
import com.wechat.pay.java.service.payments.nativepay.model.QueryOrderByOutTradeNoRequest;
import com.wechat.pay.java.service.refund.RefundService;
import com.wechat.pay.java.service.refund.model.AmountReq;
import com.wechat.pay.java.service.refund.model.CreateRequest;
import com.wechat.pay.java.service.refund.model.QueryByOutRefundNoRequest;
import com.wechat.pay.java.service.refund.model.Refund;
import com.wechat.pay.java.service.refund.model.RefundNotification;
import com.wechat.pay.java.service.refund.model.Status;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
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
    private HttpClient official;
    private NativePayService client;
    private RefundService refunds;
    private BillDownloadServiceExtension bills;

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
        official =
                new DefaultHttpClientBuilder().config(config).okHttpClient(http).build();
        client = new NativePayService.Builder()
                .config(config)
                .httpClient(official)
                .build();
        bills = new BillDownloadServiceExtension.Builder()
                .config(config)
                .httpClient(official)
                .build();
        refunds =
                new RefundService.Builder().config(config).httpClient(official).build();
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
    void shouldMakeBillsThatTheOfficialClientVerifies() throws IOException {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        var request = new GetFundFlowBillRequest();
        request.setBillDate(LocalDate.now(Sandbox.CHINA).toString());
        request.setAccountType(AccountType.BASIC);
        // when
        DigestBillEntity bill = bills.getFundFlowBill(request);
        String csv = new String(bill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // then
        assertTrue(bill.verifyHash());
        assertTrue(csv.startsWith(FundFlow.NAMES) && csv.contains(",`8.88,"), csv);
    }

    @Test
    void shouldTellThatThereIsNoBill() {
        var request = new GetFundFlowBillRequest();
        request.setBillDate("2020-01-01");
        var refused = assertThrows(ServiceException.class, () -> bills.getFundFlowBill(request));
        assertEquals("NO_STATEMENT_EXIST", refused.getErrorCode());
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

    @Test
    void shouldRefundOnceHoweverOftenItIsAsked() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        // when
        Refund refund = refunds.create(refund(300));
        refunds.create(refund(300));
        // then
        var query = new QueryByOutRefundNoRequest();
        query.setOutRefundNo("refund-1");
        assertEquals(Status.SUCCESS, refund.getStatus());
        assertEquals(300, refunds.queryByOutRefundNo(query).getAmount().getRefund());
        assertEquals(588, sandbox.balanceFen());
    }

    @Test
    void shouldNotRefundMoreThanWasPaid() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        refunds.create(refund(500));
        var another = refund(500);
        another.setOutRefundNo("refund-2");
        // when
        var refused = assertThrows(ServiceException.class, () -> refunds.create(another));
        // then
        assertEquals("INVALID_REQUEST", refused.getErrorCode());
    }

    @Test
    void shouldNotifyOfRefundsAsTheOfficialParserReadsIt() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        refunds.create(refund(300));
        // when
        RefundNotification told = parser().parse(
                        parameters(sandbox.payoutNotification("refund-1", Forgery.GENUINE)), RefundNotification.class);
        // then
        assertEquals("refund-1", told.getOutRefundNo());
        assertEquals(Status.SUCCESS, told.getRefundStatus());
        assertEquals(300, told.getAmount().getRefund());
    }

    /** The official client has no such call in this version; its signatures and checks are the same for every call. */
    @Test
    void shouldTransferOnceHoweverOftenItIsAsked() {
        // given
        client.prepay(order(888));
        sandbox.pay(NUMBER, false);
        String url = "https://api.mch.weixin.qq.com/v3/fund-app/mch-transfer/transfer-bills";
        String asked = """
            {"appid":"%s","out_bill_no":"1251500700001234017pabc","transfer_scene_id":"1000","openid":"o",
             "transfer_amount":100,"transfer_remark":"r","notify_url":"http://127.0.0.1:1/"}
            """.formatted(Sandbox.APP_ID);
        // when
        for (int i = 0; i < 2; i++) {
            official.post(
                    new HttpHeaders(),
                    url,
                    new JsonRequestBody.Builder().body(asked).build(),
                    Map.class);
        }
        Map<?, ?> shown = official.get(new HttpHeaders(), url + "/out-bill-no/1251500700001234017pabc", Map.class)
                .getServiceResponse();
        // then
        assertEquals("SUCCESS", shown.get("state"));
        assertEquals(788, sandbox.balanceFen());
    }

    private static CreateRequest refund(long fen) {
        var amount = new AmountReq();
        amount.setRefund(fen);
        amount.setTotal(888L);
        amount.setCurrency("CNY");
        var refund = new CreateRequest();
        refund.setOutTradeNo(NUMBER);
        refund.setOutRefundNo("refund-1");
        refund.setNotifyUrl("http://127.0.0.1:1/v3/notify/wechatpay/refund");
        refund.setAmount(amount);
        return refund;
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
