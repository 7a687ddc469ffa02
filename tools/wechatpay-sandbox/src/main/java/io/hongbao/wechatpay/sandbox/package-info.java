/** A WeChat Pay that runs on this machine, takes no money, and misbehaves when asked to. */
@NullMarked
package io.hongbao.wechatpay.sandbox;

import org.jspecify.annotations.NullMarked;
