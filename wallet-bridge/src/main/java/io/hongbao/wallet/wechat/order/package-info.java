/** Payments through WeChat Pay: prepares orders, notices money, asks for what was not told. */
@NullMarked
package io.hongbao.wallet.wechat.order;

import org.jspecify.annotations.NullMarked;
