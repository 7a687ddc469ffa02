/** Reconciliation: orders against payments and ledger, against Redis, and against user records. Trusts no service. */
@NullMarked
package io.hongbao.cli.recon;

import org.jspecify.annotations.NullMarked;
