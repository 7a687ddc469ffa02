package io.hongbao.wallet.wechat.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Map;
import java.util.Optional;

/** The merchant's account and its limits. Keys are named by file, never written here. */
@ConfigMapping(prefix = "hongbao.wechatpay")
public interface WeChatPayConfig {
    /** Where WeChat Pay is called. */
    @WithDefault("https://api.mch.weixin.qq.com")
    URI url();

    /** The app under which users are known: user ids are its openids. */
    Optional<String> appId();

    /** The merchant. */
    Optional<String> merchantId();

    /** Serial number of the merchant's certificate, whose key signs our calls. */
    Optional<String> merchantSerial();

    /** PKCS #8 PEM of that key. */
    Optional<Path> merchantKeyFile();

    /** The 32 characters that seal notifications. */
    Optional<Path> apiKeyFile();

    /** By id or serial number: PEM of a public key or certificate of WeChat Pay. Two while one replaces the other. */
    Map<String, Path> platformKeyFiles();

    /** How WeChat Pay reaches the callbacks; the kind of notification is appended. */
    Optional<URI> notifyUrl();

    /** Orders take no money after this; as long as send-svc waits for a payment. */
    @WithDefault("15m")
    Duration timeToPay();

    /** Longest wait for one answer. WeChat Pay answers in well under a second when it is well. */
    @WithDefault("5s")
    Duration answerTimeMax();

    /** Connections to WeChat Pay, per pod: more calls than this wait for one. */
    @WithDefault("32")
    int connectionsMax();

    /** When an order that nobody told of is first asked about; doubles with each. */
    @WithDefault("10s")
    Duration orderAskMin();

    /** Longest wait between two questions about an order. */
    @WithDefault("5m")
    Duration orderAskMax();

    /** When the bill of the day before is there, time in China: WeChat Pay makes it from 9:00 and advises 10:00. */
    @WithDefault("10:00")
    LocalTime billFrom();

    /** Largest bill that is read, into memory: some 300,000 movements. */
    @WithDefault("67108864")
    int billBytesMax();

    /** The scene under which WeChat Pay lets the merchant transfer money; 1000 is cash for a campaign. */
    @WithDefault("1000")
    String transferSceneId();

    /** What WeChat Pay wants to be told about each transfer of that scene: kind of information, and its text. */
    Map<String, String> transferSceneReports();
}
