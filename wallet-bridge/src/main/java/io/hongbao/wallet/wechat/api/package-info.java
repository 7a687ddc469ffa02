/** How WeChat Pay API v3 is spoken: keys, signatures, sealed notifications, calls. */
@NullMarked
package io.hongbao.wallet.wechat.api;

import org.jspecify.annotations.NullMarked;
