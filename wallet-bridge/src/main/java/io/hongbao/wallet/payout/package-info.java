/** Money on its way from the ledger to its owner's account at a provider, and the suspense account. */
@NullMarked
package io.hongbao.wallet.payout;

import org.jspecify.annotations.NullMarked;
