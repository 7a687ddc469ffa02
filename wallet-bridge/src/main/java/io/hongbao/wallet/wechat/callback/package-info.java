/** Notifications of WeChat Pay: who may come in, and what they change. */
@NullMarked
package io.hongbao.wallet.wechat.callback;

import org.jspecify.annotations.NullMarked;
