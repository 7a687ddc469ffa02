package io.hongbao.cli.wechat;

import io.hongbao.cli.call.Clients;
import io.hongbao.cli.promise.LedgerRows;
import io.hongbao.cli.stack.Service;
import io.hongbao.cli.stack.StackOptions;
import io.hongbao.stackprocess.FreePorts;
import io.hongbao.v1.PreparePaymentRequest;
import io.hongbao.v1.PreparePaymentResponse;
import io.hongbao.wechatpay.sandbox.Keys;
import io.hongbao.wechatpay.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** The sandbox in this program, with keys made for this run, and a stack's settings for it. */
public final class WeChatPay implements AutoCloseable {
    private static final String SETTINGS = "hongbao.wechatpay.";

    private final Sandbox sandbox;
    private final Path folder;
    private final Keys.KeyFiles files;
    private final int callbackPort;

    private WeChatPay(Sandbox sandbox, Path folder, Keys.KeyFiles files, int callbackPort) {
        this.sandbox = sandbox;
        this.folder = folder;
        this.files = files;
        this.callbackPort = callbackPort;
    }

    public static WeChatPay start() throws IOException {
        Keys keys = Keys.make();
        Path folder = Files.createTempDirectory("hongbao-wechatpay-");
        return new WeChatPay(Sandbox.start(keys, 0), folder, keys.write(folder), FreePorts.next());
    }

    public Sandbox sandbox() {
        return sandbox;
    }

    /** A stack that pays through it. */
    public StackOptions configure(StackOptions options) {
        return options.with(Service.WALLET, "hongbao.payment.provider", "wechatpay")
                .with(Service.WALLET, "quarkus.http.host-enabled", "true")
                .with(Service.WALLET, "quarkus.http.host", "127.0.0.1")
                .with(Service.WALLET, "quarkus.http.port", Integer.toString(callbackPort))
                .with(Service.WALLET, SETTINGS + "url", sandbox.url().toString())
                .with(Service.WALLET, SETTINGS + "app-id", Sandbox.APP_ID)
                .with(Service.WALLET, SETTINGS + "merchant-id", Sandbox.MERCHANT_ID)
                .with(Service.WALLET, SETTINGS + "merchant-serial", Keys.MERCHANT_SERIAL)
                .with(
                        Service.WALLET,
                        SETTINGS + "merchant-key-file",
                        files.merchantKey().toString())
                .with(Service.WALLET, SETTINGS + "api-key-file", files.apiKey().toString())
                .with(
                        Service.WALLET,
                        SETTINGS + "platform-key-files.\"" + Keys.PLATFORM_SERIAL + "\"",
                        files.platformKey().toString())
                .with(
                        Service.WALLET,
                        SETTINGS + "notify-url",
                        "http://127.0.0.1:" + callbackPort + "/v3/notify/wechatpay");
    }

    /** The payer gets the code. */
    public PreparePaymentResponse prepare(Clients clients, String payerId, String paymentId) {
        return clients.wallet()
                .preparePayment(PreparePaymentRequest.newBuilder()
                        .setPaymentId(paymentId)
                        .setPayerId(payerId)
                        .build());
    }

    /** The payer gets the code and pays; the sandbox notifies. @return whether the order could be paid */
    public boolean pay(Clients clients, String payerId, String paymentId) {
        prepare(clients, payerId, paymentId);
        return sandbox.pay(paymentId, true);
    }

    /** What is not the same in the sandbox's books and in ours; empty if nothing. For when all has come to rest. */
    public String difference(LedgerRows ledger) {
        long externalFen = ledger.accounts().stream()
                .filter(account -> account.id().equals("external"))
                .mapToLong(LedgerRows.AccountRow::balanceFen)
                .sum();
        if (sandbox.balanceFen() != -externalFen) {
            return "WeChat Pay holds %d fen for us, our books say %d".formatted(sandbox.balanceFen(), -externalFen);
        }
        long payoutCount = ledger.transfers().stream()
                .filter(transfer -> transfer.kind().equals("PAYOUT"))
                .count();
        return sandbox.payoutCount() == payoutCount
                ? ""
                : "WeChat Pay paid out %d times, our books say %d".formatted(sandbox.payoutCount(), payoutCount);
    }

    @Override
    public void close() {
        sandbox.close();
        try (var tree = Files.walk(folder)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // Keys of a merchant that does not exist.
        }
    }
}
