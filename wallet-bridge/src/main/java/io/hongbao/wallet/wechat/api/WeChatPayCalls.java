package io.hongbao.wallet.wechat.api;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Signed calls to WeChat Pay API v3, WECHATPAY2-SHA256-RSA2048. An answer counts only if WeChat Pay signed its very bytes
 * within five minutes; anything else is {@link Trouble}.
 */
@ApplicationScoped
public class WeChatPayCalls {
    /** A signature is believed this long, in both directions of a clock that is off; WeChat Pay's own rule. */
    public static final Duration SIGNATURE_AGE_MAX = Duration.ofMinutes(5);

    private static final String SCHEME = "WECHATPAY2-SHA256-RSA2048";
    private static final int NONCE_BYTES = 16;
    /** Of a file: a day's bill has megabytes. */
    private static final Duration DOWNLOAD_TIME_MAX = Duration.ofMinutes(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final WeChatPayConfig config;
    private final WeChatPayKeys keys;
    private final HttpClient http;
    private final SecureRandom random = new SecureRandom();

    /** @throws IllegalArgumentException if a setting or key is missing */
    public WeChatPayCalls(WeChatPayConfig config, Vertx vertx) {
        this.config = config;
        this.keys = WeChatPayKeys.read(
                required(config.merchantKeyFile(), "merchant-key-file"),
                required(config.apiKeyFile(), "api-key-file"),
                config.platformKeyFiles());
        required(config.appId(), "app-id");
        required(config.merchantId(), "merchant-id");
        required(config.merchantSerial(), "merchant-serial");
        required(config.notifyUrl(), "notify-url");
        this.http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setSsl(config.url().getScheme().equals("https"))
                        .setVerifyHost(true)
                        .setConnectTimeout((int) config.answerTimeMax().toMillis()),
                new PoolOptions().setHttp1MaxSize(config.connectionsMax()));
    }

    private static <T> T required(Optional<T> setting, String name) {
        return setting.orElseThrow(() ->
                new IllegalArgumentException("hongbao.wechatpay." + name + " is needed for the provider wechatpay"));
    }

    public WeChatPayKeys keys() {
        return keys;
    }

    public String appId() {
        return config.appId().orElseThrow();
    }

    public String merchantId() {
        return config.merchantId().orElseThrow();
    }

    /** @param kind the last part of the callback's path */
    public String notifyUrl(String kind) {
        return config.notifyUrl().orElseThrow().toString().replaceAll("/$", "") + "/" + kind;
    }

    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** @throws IOException if it is no JSON */
    public static JsonNode parse(byte[] json) throws IOException {
        return JSON.readTree(json);
    }

    public String nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return HexFormat.of().formatHex(nonce);
    }

    public Uni<JsonNode> get(String path) {
        return call(HttpMethod.GET, path, "");
    }

    public Uni<JsonNode> post(String path, ObjectNode body) {
        return call(HttpMethod.POST, path, body.toString());
    }

    /**
     * A file that an answer named. It is not signed: whoever asks compares its hash, which is in the signed answer. Fails with
     * {@link Trouble} only.
     */
    public Uni<byte[]> download(URI file) {
        // Nothing is sent in the clear that the rest of the conversation hides.
        if (!config.url().getScheme().equals(file.getScheme()) || file.getHost() == null) {
            return Uni.createFrom().failure(Trouble.unknown("OTHER_ADDRESS"));
        }
        String path = file.getRawPath() + (file.getRawQuery() == null ? "" : "?" + file.getRawQuery());
        return signed(HttpMethod.GET, path, "")
                .flatMap(authorization -> Uni.createFrom()
                        .completionStage(() -> http.request(
                                        options(file, HttpMethod.GET, path, authorization, DOWNLOAD_TIME_MAX))
                                .compose(HttpClientRequest::send)
                                .compose(this::file)
                                .toCompletionStage()))
                .ifNoItem()
                .after(DOWNLOAD_TIME_MAX)
                .fail()
                .onFailure(failure -> !(failure instanceof Trouble))
                .transform(WeChatPayCalls::noAnswer);
    }

    /** Collects a file, up to its bound. */
    private Future<byte[]> file(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return Future.failedFuture(Trouble.unknown("HTTP_" + response.statusCode()));
        }
        Promise<byte[]> whole = Promise.promise();
        Buffer file = Buffer.buffer();
        response.exceptionHandler(whole::tryFail);
        response.handler(part -> {
            file.appendBuffer(part);
            if (file.length() > config.billBytesMax() && whole.tryFail(Trouble.unknown("FILE_TOO_LARGE"))) {
                response.request().reset();
            }
        });
        response.endHandler(end -> whole.tryComplete(file.getBytes()));
        return whole.future();
    }

    /** @param path with its query; fails with {@link Trouble} only */
    private Uni<JsonNode> call(HttpMethod method, String path, String body) {
        return signed(method, path, body)
                .flatMap(authorization -> send(method, path, body, authorization))
                .ifNoItem()
                .after(config.answerTimeMax())
                .fail()
                .onFailure(failure -> !(failure instanceof Trouble))
                .transform(WeChatPayCalls::noAnswer);
    }

    private static Trouble noAnswer(Throwable failure) {
        return Trouble.unknown(
                failure instanceof io.smallrye.mutiny.TimeoutException ? "NO_ANSWER_IN_TIME" : "NO_ANSWER");
    }

    /** A signature takes a millisecond of CPU, which an event loop should not lend. */
    private Uni<String> signed(HttpMethod method, String path, String body) {
        return Uni.createFrom()
                .item(() -> authorization(method, path, body))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    private String authorization(HttpMethod method, String path, String body) {
        String nonce = nonce();
        long seconds = Instant.now().getEpochSecond();
        String signature = keys.sign(method.name() + "\n" + path + "\n" + seconds + "\n" + nonce + "\n" + body + "\n");
        return "%s mchid=\"%s\",nonce_str=\"%s\",signature=\"%s\",timestamp=\"%d\",serial_no=\"%s\""
                .formatted(
                        SCHEME,
                        merchantId(),
                        nonce,
                        signature,
                        seconds,
                        config.merchantSerial().orElseThrow());
    }

    private Uni<JsonNode> send(HttpMethod method, String path, String body, String authorization) {
        var options = options(config.url(), method, path, authorization, config.answerTimeMax());
        return Uni.createFrom()
                .completionStage(() -> http.request(options)
                        .compose(request -> body.isEmpty() ? request.send() : request.send(Buffer.buffer(body)))
                        .compose(response -> response.body()
                                .map(bytes -> answer(response.statusCode(), response.headers(), bytes.getBytes())))
                        .toCompletionStage());
    }

    private RequestOptions options(URI url, HttpMethod method, String path, String authorization, Duration timeMax) {
        int port = url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
        return new RequestOptions()
                .setMethod(method)
                .setHost(url.getHost())
                .setPort(port)
                .setURI(path)
                .setTimeout(timeMax.toMillis())
                .putHeader("Authorization", authorization)
                .putHeader("Accept", "application/json")
                .putHeader("Content-Type", "application/json")
                .putHeader("User-Agent", "hongbao-wallet-bridge")
                .putHeader("Wechatpay-Serial", keys.anySerial());
    }

    private JsonNode answer(int status, MultiMap headers, byte[] body) {
        // Refusals decide nothing for good, but absence does: it lets an order be forgotten. So they are signed as
        // well.
        if (!isSigned(headers, body)) {
            throw Trouble.unknown("ANSWER_NOT_SIGNED");
        }
        JsonNode json;
        try {
            json = body.length == 0 ? MissingNode.getInstance() : parse(body);
        } catch (JacksonException damaged) {
            throw Trouble.unknown("ANSWER_NOT_JSON");
        } catch (IOException impossible) {
            throw Trouble.unknown("ANSWER_NOT_READ");
        }
        if (status / 100 == 2) {
            return json;
        }
        throw Trouble.of(status, json.path("code").asText(""));
    }

    private boolean isSigned(MultiMap headers, byte[] body) {
        String timestamp = headers.get("Wechatpay-Timestamp");
        String nonce = headers.get("Wechatpay-Nonce");
        String serial = headers.get("Wechatpay-Serial");
        String signature = headers.get("Wechatpay-Signature");
        return timestamp != null
                && nonce != null
                && serial != null
                && signature != null
                && isFresh(timestamp, Instant.now())
                && keys.verifies(serial, timestamp, nonce, body, signature);
    }

    /** Whether a signature of this time, in seconds since 1970, may still be believed. */
    public static boolean isFresh(String timestamp, Instant now) {
        try {
            return Math.abs(Math.subtractExact(Long.parseLong(timestamp), now.getEpochSecond()))
                    <= SIGNATURE_AGE_MAX.toSeconds();
        } catch (NumberFormatException | ArithmeticException noTime) {
            return false;
        }
    }
}
