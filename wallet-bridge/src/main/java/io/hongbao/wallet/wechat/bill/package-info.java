/** WeChat Pay's daily bill: fetched, checked, and stored for reconciliation. */
@NullMarked
package io.hongbao.wallet.wechat.bill;

import org.jspecify.annotations.NullMarked;
