/** Money out through WeChat Pay: transfers to receivers, refunds to payers. */
@NullMarked
package io.hongbao.wallet.wechat.payout;

import org.jspecify.annotations.NullMarked;
