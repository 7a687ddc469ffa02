/** Accounts, transfers and deposits: the double-entry ledger and how it is asked. */
@NullMarked
package io.hongbao.wallet.ledger;

import org.jspecify.annotations.NullMarked;
