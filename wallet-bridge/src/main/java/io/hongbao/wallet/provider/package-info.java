/** Where the money of payers and receivers is: in wallets of the ledger, or outside, at a payment provider. */
@NullMarked
package io.hongbao.wallet.provider;

import org.jspecify.annotations.NullMarked;
