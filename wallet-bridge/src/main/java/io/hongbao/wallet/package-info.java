/** Money in and out: the gRPC face of wallet-bridge, its metrics and its limits. */
@NullMarked
package io.hongbao.wallet;

import org.jspecify.annotations.NullMarked;
