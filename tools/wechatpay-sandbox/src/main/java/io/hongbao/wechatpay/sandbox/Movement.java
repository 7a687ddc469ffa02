package io.hongbao.wechatpay.sandbox;

import java.time.Instant;

/**
 * One movement of the merchant's account.
 *
 * @param number WeChat Pay's number of the payment, refund or transfer
 * @param flowNumber its number of the movement
 * @param business in its words
 * @param fen more than 0 into the account, less than 0 out of it
 * @param balanceFen of the account, after it
 * @param voucher the merchant's number
 */
public record Movement(
        Instant at, String number, String flowNumber, String business, long fen, long balanceFen, String voucher) {}
