/** wallet-bridge, as this service asks it. */
@NullMarked
package io.hongbao.send.wallet;

import org.jspecify.annotations.NullMarked;
