package io.hongbao.wechatpay.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * WeChat Pay API v3 for one merchant: prepares, shows and closes orders, checks every request's signature, signs every
 * answer and notification, seals what notifications carry. The payer's tap on "pay" is {@link #pay}, or over HTTP
 *
 * <pre>
 * POST /sandbox/pay?order=pay-…             the payer pays; WeChat Pay notifies, unless &amp;quiet=1
 * POST /sandbox/replay?order=pay-…          one notification, sent twice byte for byte
 * POST /sandbox/notify?order=pay-…&amp;as=TAG  a notification, forged as {@link Forgery} says; answers with what it met
 * POST /sandbox/payouts?state=FAIL         new transfers and refunds end in this state; &amp;state= for SUCCESS
 * POST /sandbox/finish?payout=NUMBER       a transfer or refund that was under way is done
 * POST /sandbox/tell?payout=NUMBER&amp;as=TAG   a notification of a transfer or refund, forged or genuine
 * POST /sandbox/payout-of?packet=PACKET    the number of its first transfer or refund
 * POST /sandbox/books                      what the merchant's account holds, and how many payouts are done
 * POST /sandbox/bills?cut=1                files of bills lack their end; without cut they are whole again
 * POST /sandbox/misbehave?how=…&amp;times=N    drop, delay (90 s), or an error code such as SYSTEM_ERROR
 * </pre>
 */
public final class Sandbox implements AutoCloseable {
    public static final String APP_ID = "wxd678efh567hg6787";
    public static final String MERCHANT_ID = "1900007291";

    private static final String SCHEME = "WECHATPAY2-SHA256-RSA2048 ";
    /** The parts of an authorization come in any order. */
    private static final Pattern PART = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private static final String ORDERS = "/v3/pay/transactions/";
    private static final String TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills";
    private static final String REFUNDS = "/v3/refund/domestic/refunds";
    private static final String BILL = "/v3/bill/fundflowbill";
    private static final String BILL_FILE = "/v3/billdownload/file";
    static final ZoneId CHINA = ZoneId.of("Asia/Shanghai");
    private static final Duration DELAY = Duration.ofSeconds(90);
    private static final Duration NOTIFY_TIME_MAX = Duration.ofSeconds(5);
    private static final long SIGNATURE_SECONDS_MAX = 300;
    private static final int HUGE_BYTES = 10 * 1_024 * 1_024;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An order, guarded by itself. */
    private static final class Order {
        final ObjectNode asked;
        String state = "NOTPAY";
        String transactionId = "";
        String notificationId = UUID.randomUUID().toString();

        Order(ObjectNode asked) {
            this.asked = asked;
        }

        long totalFen() {
            return asked.path("amount").path("total").asLong();
        }
    }

    record Answer(int status, String body) {
        static Answer refusal(int status, String code) {
            return new Answer(
                    status,
                    JSON.createObjectNode()
                            .put("code", code)
                            .put("message", code)
                            .toString());
        }
    }

    private final Keys keys;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, Order> orders = new ConcurrentHashMap<>();
    private final FundFlow fundFlow = new FundFlow();
    private final Payouts payouts = new Payouts(fundFlow);
    /** Bills that may be downloaded, by the token in their address. */
    private final Map<String, byte[]> bills = new ConcurrentHashMap<>();

    private volatile UnaryOperator<List<Movement>> billError = UnaryOperator.identity();
    private volatile boolean billCut;
    private final Set<String> usedNonces = new HashSet<>();
    private String misbehaviour = "";
    private int misbehaviourCount;

    private Sandbox(Keys keys, int port) throws IOException {
        this.keys = keys;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/v3/", this::merchant);
        server.createContext("/sandbox/", this::admin);
        server.start();
    }

    /** @param port 0 for any that is free */
    public static Sandbox start(Keys keys, int port) throws IOException {
        return new Sandbox(keys, port);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The next calls go wrong: {@code drop} acts and does not answer, {@code delay} answers late, a code refuses. */
    public synchronized void misbehave(String how, int times) {
        misbehaviour = how;
        misbehaviourCount = times;
    }

    private synchronized String nextMisbehaviour() {
        if (misbehaviourCount == 0) {
            return "";
        }
        misbehaviourCount--;
        return misbehaviour;
    }

    private void merchant(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String how = nextMisbehaviour();
            Answer answer = !isSigned(exchange, body)
                    ? Answer.refusal(401, "SIGN_ERROR")
                    : switch (how) {
                        case "", "drop", "delay" -> act(exchange, body);
                        case "FREQUENCY_LIMITED" -> Answer.refusal(429, how);
                        case "NOT_ENOUGH" -> Answer.refusal(403, how);
                        case "PARAM_ERROR" -> Answer.refusal(400, how);
                        case "REFUSE_POSTS" ->
                            exchange.getRequestMethod().equals("POST")
                                    ? Answer.refusal(400, "PARAM_ERROR")
                                    : act(exchange, body);
                        default -> Answer.refusal(500, how);
                    };
            if (how.equals("drop")) {
                return;
            }
            if (how.equals("delay")) {
                Thread.sleep(DELAY);
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            // Files are told by their hash, which came in a signed answer.
            if (!exchange.getRequestURI().getPath().equals(BILL_FILE)) {
                sign(keys.platformKey(), Instant.now(), bytes)
                        .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            }
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isSigned(HttpExchange exchange, byte[] body) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        if (header == null || !header.startsWith(SCHEME)) {
            return false;
        }
        var parts = new HashMap<String, String>();
        Matcher part = PART.matcher(header);
        while (part.find()) {
            parts.put(part.group(1), part.group(2));
        }
        String timestamp = parts.getOrDefault("timestamp", "");
        String nonce = parts.getOrDefault("nonce_str", "");
        if (!MERCHANT_ID.equals(parts.get("mchid"))
                || !Keys.MERCHANT_SERIAL.equals(parts.get("serial_no"))
                || nonce.isEmpty()
                || !timestamp.matches("[0-9]{10}")
                || Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > SIGNATURE_SECONDS_MAX) {
            return false;
        }
        synchronized (usedNonces) {
            if (!usedNonces.add(nonce)) {
                return false;
            }
        }
        String text = exchange.getRequestMethod() + "\n" + exchange.getRequestURI() + "\n" + timestamp + "\n" + nonce
                + "\n" + new String(body, StandardCharsets.UTF_8) + "\n";
        return keys.merchantSigned(text.getBytes(StandardCharsets.UTF_8), parts.getOrDefault("signature", ""));
    }

    private Answer act(HttpExchange exchange, byte[] body) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals(ORDERS + "native") || path.equals(ORDERS + "jsapi")) {
            return prepare(path.endsWith("native"), (ObjectNode) JSON.readTree(body));
        }
        if (path.equals(TRANSFERS)) {
            return told(payouts.transfer((ObjectNode) JSON.readTree(body)), "out_bill_no");
        }
        if (path.startsWith(TRANSFERS + "/out-bill-no/")) {
            return payouts.show(path.substring(TRANSFERS.length() + "/out-bill-no/".length()));
        }
        if (path.equals(REFUNDS)) {
            var asked = (ObjectNode) JSON.readTree(body);
            return told(payouts.refund(asked, paidFen(asked.path("out_trade_no").asText())), "out_refund_no");
        }
        if (path.startsWith(REFUNDS + "/")) {
            return payouts.show(path.substring(REFUNDS.length() + 1));
        }
        if (path.equals(BILL)) {
            return bill(parameters(exchange));
        }
        if (path.equals(BILL_FILE)) {
            byte[] file = bills.get(parameters(exchange).getOrDefault("token", ""));
            return file == null
                    ? Answer.refusal(404, "RESOURCE_NOT_EXISTS")
                    : new Answer(200, new String(file, StandardCharsets.UTF_8));
        }
        String byNumber = ORDERS + "out-trade-no/";
        if (!path.startsWith(byNumber)) {
            return Answer.refusal(404, "NOT_FOUND");
        }
        boolean close = path.endsWith("/close");
        String number = path.substring(byNumber.length(), path.length() - (close ? "/close".length() : 0));
        Order order = orders.get(number);
        if (order == null) {
            return Answer.refusal(404, "ORDER_NOT_EXIST");
        }
        synchronized (order) {
            if (!close) {
                return new Answer(200, transaction(order).toString());
            }
            if (order.state.equals("SUCCESS")) {
                return Answer.refusal(400, "ORDERPAID");
            }
            order.state = "CLOSED";
            return new Answer(204, "");
        }
    }

    private Answer bill(Map<String, String> asked) {
        LocalDate day;
        try {
            day = LocalDate.parse(asked.getOrDefault("bill_date", ""));
        } catch (DateTimeException noDay) {
            return Answer.refusal(400, "PARAM_ERROR");
        }
        if (!asked.getOrDefault("account_type", "BASIC").equals("BASIC")) {
            return Answer.refusal(400, "PARAM_ERROR");
        }
        List<Movement> movements = billError.apply(fundFlow.of(day));
        if (movements.isEmpty()) {
            return Answer.refusal(400, "NO_STATEMENT_EXIST");
        }
        byte[] file = FundFlow.csv(movements).getBytes(StandardCharsets.UTF_8);
        String token = UUID.randomUUID().toString();
        bills.put(token, billCut ? Arrays.copyOf(file, file.length - 3) : file);
        return new Answer(
                200,
                JSON.createObjectNode()
                        .put("hash_type", "SHA1")
                        .put("hash_value", sha1(file))
                        .put("download_url", url() + BILL_FILE + "?token=" + token)
                        .toString());
    }

    private static String sha1(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(file));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Bills say this instead of what happened. */
    public void falsifyBills(UnaryOperator<List<Movement>> error) {
        billError = error;
    }

    /** Whether files of bills lack their end. */
    public void cutBills(boolean cut) {
        billCut = cut;
    }

    /** What has ended is notified, once. */
    private Answer told(Answer answer, String numberField) throws IOException {
        if (answer.status() == 200) {
            String number = JSON.readTree(answer.body()).path(numberField).asText();
            if (payouts.toBeTold(number)) {
                threads.submit(() -> send(payoutNotification(number, Forgery.GENUINE)));
            }
        }
        return answer;
    }

    /** 0 if it is not paid. */
    private long paidFen(String number) {
        Order order = orders.get(number);
        if (order == null) {
            return 0;
        }
        synchronized (order) {
            return order.state.equals("SUCCESS") ? order.totalFen() : 0;
        }
    }

    private Answer prepare(boolean code, ObjectNode asked) {
        if (!asked.path("mchid").asText().equals(MERCHANT_ID)
                || !asked.path("appid").asText().equals(APP_ID)) {
            return Answer.refusal(400, "APPID_MCHID_NOT_MATCH");
        }
        if (asked.path("amount").path("total").asLong() < 1
                || !asked.path("notify_url").asText().startsWith("http")
                || asked.path("description").asText().isEmpty()
                || !asked.path("out_trade_no").asText().matches("[0-9A-Za-z_\\-|*]{6,32}")
                || !code && asked.path("payer").path("openid").asText().isEmpty()) {
            return Answer.refusal(400, "PARAM_ERROR");
        }
        String number = asked.path("out_trade_no").asText();
        Order order = orders.computeIfAbsent(number, made -> new Order(asked));
        synchronized (order) {
            if (order.totalFen() != asked.path("amount").path("total").asLong()) {
                return Answer.refusal(403, "OUT_TRADE_NO_USED");
            }
            if (!order.state.equals("NOTPAY")) {
                return Answer.refusal(400, order.state.equals("SUCCESS") ? "ORDERPAID" : "ORDER_CLOSED");
            }
        }
        var answer = JSON.createObjectNode();
        return new Answer(
                200,
                (code
                                ? answer.put("code_url", "weixin://wxpay/bizpayurl?pr=" + number)
                                : answer.put("prepay_id", "wx" + number))
                        .toString());
    }

    private static ObjectNode transaction(Order order) {
        var transaction = JSON.createObjectNode()
                .put("appid", APP_ID)
                .put("mchid", MERCHANT_ID)
                .put("out_trade_no", order.asked.path("out_trade_no").asText())
                .put("trade_state", order.state)
                .put("trade_state_desc", order.state);
        transaction.putObject("amount").put("total", order.totalFen()).put("currency", "CNY");
        if (order.state.equals("SUCCESS")) {
            transaction
                    .put("transaction_id", order.transactionId)
                    .put("trade_type", "NATIVE")
                    .put("success_time", now())
                    .putObject("payer")
                    .put("openid", order.asked.path("payer").path("openid").asText("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
        }
        return transaction;
    }

    static String now() {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).atZone(CHINA));
    }

    /**
     * The payer taps "pay".
     *
     * @param notify whether WeChat Pay tells the merchant; if not, it has to ask
     * @return whether the order could be paid
     */
    public boolean pay(String number, boolean notify) {
        Order order = orders.get(number);
        if (order == null) {
            return false;
        }
        synchronized (order) {
            if (!order.state.equals("NOTPAY")) {
                return false;
            }
            order.state = "SUCCESS";
            order.transactionId = "42000" + Math.abs(UUID.randomUUID().getMostSignificantBits());
            payouts.received(number, order.transactionId, order.totalFen());
        }
        if (notify) {
            threads.submit(() -> notify(number, Forgery.GENUINE));
        }
        return true;
    }

    /** A notification as it goes over the wire; the same one may be sent many times. */
    public HttpRequest notification(String number, Forgery forgery) {
        Order order = orders.get(number);
        if (order == null) {
            throw new IllegalArgumentException("no order " + number);
        }
        return notification(order.asked.path("notify_url").asText(), body(order, forgery), forgery);
    }

    /** What becomes of a transfer or refund, as it goes over the wire. */
    public HttpRequest payoutNotification(String number, Forgery forgery) {
        Payouts.Payout payout = payouts.of(number);
        ObjectNode told = Payouts.resource(payout, true);
        switch (forgery) {
            case AMOUNT -> {
                if (payout.refund) {
                    ((ObjectNode) told.path("amount")).put("refund", payout.amountFen() + 1);
                } else {
                    told.put("transfer_amount", payout.amountFen() + 1);
                }
            }
            case ORDER -> told.put(payout.refund ? "out_refund_no" : "out_bill_no", "1200009999999999999p0");
            case MERCHANT -> told.put(payout.refund ? "mchid" : "mch_id", "1900000001");
            default -> {}
        }
        byte[] body = sealed(
                told,
                payout.refund ? "refund" : "mch_payment",
                payout.refund ? "REFUND." + payout.state : "MCHTRANSFER.BILL.FINISHED",
                UUID.randomUUID().toString(),
                forgery);
        return notification(payout.asked.path("notify_url").asText(), body, forgery);
    }

    /** What the merchant's account holds: what came in, less what went out. */
    public long balanceFen() {
        return payouts.balanceFen();
    }

    /** Transfers and refunds whose owner has the money. */
    public long payoutCount() {
        return payouts.doneCount();
    }

    /** The number of the first transfer or refund of a packet, which its number begins with; empty if there is none. */
    public String payoutOf(String packetId) {
        return payouts.numberOf(packetId);
    }

    private HttpRequest notification(String notifyUrl, byte[] body, Forgery forgery) {
        Instant at = switch (forgery) {
            case OLD -> Instant.now().minus(Duration.ofMinutes(6));
            case FUTURE -> Instant.now().plus(Duration.ofMinutes(6));
            default -> Instant.now();
        };
        var headers = sign(forgery == Forgery.OTHER_KEY ? keys.merchantKey() : keys.platformKey(), at, body);
        switch (forgery) {
            case NO_SIGNATURE -> headers.remove("Wechatpay-Signature");
            case SERIAL -> headers.put("Wechatpay-Serial", "PUB_KEY_ID_nobody");
            // Other bytes than those that were signed.
            case SIGNATURE -> body[body.length - 1] = ' ';
            default -> {}
        }
        var request = HttpRequest.newBuilder(URI.create(notifyUrl))
                .timeout(NOTIFY_TIME_MAX)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return request.build();
    }

    /** Sends a notification. @return the status it met, or 0 if the connection broke */
    public int notify(String number, Forgery forgery) {
        return send(notification(number, forgery));
    }

    /** @return the status it met, or 0 if the connection broke */
    public int send(HttpRequest notification) {
        try {
            return http.send(notification, HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException broken) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private byte[] body(Order order, Forgery forgery) {
        ObjectNode money;
        synchronized (order) {
            money = transaction(order);
        }
        money.put("trade_state", "SUCCESS");
        if (!money.has("transaction_id")) {
            money.put("transaction_id", "42000000");
        }
        ObjectNode amount = (ObjectNode) money.path("amount");
        switch (forgery) {
            case AMOUNT -> amount.put("total", order.totalFen() + 1);
            case CURRENCY -> amount.put("currency", "USD");
            case ORDER -> money.put("out_trade_no", "pay-1200009999999999999");
            case MERCHANT -> money.put("mchid", "1900000001");
            case APP -> money.put("appid", "wx0000000000000000");
            case TRANSACTION -> money.put("transaction_id", "42999999");
            default -> {}
        }
        // A forged notification has an id of its own: it shall not pass for one that is done.
        return sealed(
                money,
                "transaction",
                "TRANSACTION.SUCCESS",
                forgery == Forgery.GENUINE
                        ? order.notificationId
                        : UUID.randomUUID().toString(),
                forgery);
    }

    private byte[] sealed(ObjectNode money, String originalType, String eventType, String id, Forgery forgery) {
        if (forgery == Forgery.GARBAGE) {
            return "{not json".getBytes(StandardCharsets.US_ASCII);
        }
        String nonce = UUID.randomUUID().toString().substring(0, 12);
        byte[] sealed = keys.seal(nonce, originalType, money.toString().getBytes(StandardCharsets.UTF_8));
        if (forgery == Forgery.TAG) {
            sealed[sealed.length - 1] ^= 1;
        }
        var notification = JSON.createObjectNode()
                .put("id", id)
                .put("create_time", now())
                .put("resource_type", "encrypt-resource")
                .put("event_type", eventType)
                .put("summary", forgery == Forgery.HUGE ? "x".repeat(HUGE_BYTES) : "支付成功");
        notification
                .putObject("resource")
                .put("original_type", originalType)
                .put("algorithm", "AEAD_AES_256_GCM")
                .put("ciphertext", Base64.getEncoder().encodeToString(sealed))
                .put("associated_data", originalType)
                .put("nonce", nonce);
        return notification.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> sign(PrivateKey key, Instant at, byte[] body) {
        String nonce = UUID.randomUUID().toString();
        byte[] head = (at.getEpochSecond() + "\n" + nonce + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] text = new byte[head.length + body.length + 1];
        System.arraycopy(head, 0, text, 0, head.length);
        System.arraycopy(body, 0, text, head.length, body.length);
        text[text.length - 1] = '\n';
        var headers = new ConcurrentHashMap<String, String>();
        headers.put("Wechatpay-Timestamp", Long.toString(at.getEpochSecond()));
        headers.put("Wechatpay-Nonce", nonce);
        headers.put("Wechatpay-Serial", Keys.PLATFORM_SERIAL);
        headers.put("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048");
        headers.put("Wechatpay-Signature", Keys.sign(key, text));
        return headers;
    }

    private static Map<String, String> parameters(HttpExchange exchange) {
        var parameters = new HashMap<String, String>();
        String query = exchange.getRequestURI().getQuery();
        for (String pair : (query == null ? "" : query).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return parameters;
    }

    private void admin(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> parameters = parameters(exchange);
            String order = parameters.getOrDefault("order", "");
            String payout = parameters.getOrDefault("payout", "");
            JsonNode answer = switch (exchange.getRequestURI().getPath()) {
                case "/sandbox/pay" ->
                    JSON.createObjectNode().put("paid", pay(order, !parameters.containsKey("quiet")));
                case "/sandbox/replay" -> {
                    HttpRequest notification = notification(order, Forgery.GENUINE);
                    yield JSON.createObjectNode()
                            .put("first", send(notification))
                            .put("status", send(notification));
                }
                case "/sandbox/notify" ->
                    JSON.createObjectNode()
                            .put("status", notify(order, Forgery.valueOf(parameters.getOrDefault("as", "GENUINE"))));
                case "/sandbox/payouts" -> {
                    payouts.endIn(parameters.getOrDefault("state", ""));
                    yield JSON.createObjectNode();
                }
                case "/sandbox/finish" -> JSON.createObjectNode().put("finished", payouts.finish(payout));
                case "/sandbox/tell" ->
                    JSON.createObjectNode()
                            .put(
                                    "status",
                                    send(payoutNotification(
                                            payout, Forgery.valueOf(parameters.getOrDefault("as", "GENUINE")))));
                case "/sandbox/payout-of" ->
                    JSON.createObjectNode().put("number", payoutOf(parameters.getOrDefault("packet", "")));
                case "/sandbox/books" ->
                    JSON.createObjectNode()
                            .put("balance_fen", payouts.balanceFen())
                            .put("payouts_done", payouts.doneCount());
                case "/sandbox/bills" -> {
                    cutBills(parameters.containsKey("cut"));
                    yield JSON.createObjectNode();
                }
                case "/sandbox/misbehave" -> {
                    misbehave(
                            parameters.getOrDefault("how", ""),
                            Integer.parseInt(parameters.getOrDefault("times", "1")));
                    yield JSON.createObjectNode();
                }
                default -> throw new IllegalArgumentException("no such thing");
            };
            byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IllegalArgumentException wrong) {
            exchange.sendResponseHeaders(400, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        http.shutdownNow();
    }
}
