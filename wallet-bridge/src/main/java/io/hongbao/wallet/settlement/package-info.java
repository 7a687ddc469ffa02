/** From opened shares and refunds to money in wallets: reads order events, books transfers, tells what is settled. */
@NullMarked
package io.hongbao.wallet.settlement;

import org.jspecify.annotations.NullMarked;
