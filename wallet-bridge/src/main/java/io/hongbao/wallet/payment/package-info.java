/** Payments of orders: asked for, confirmed or closed, exactly once. */
@NullMarked
package io.hongbao.wallet.payment;

import org.jspecify.annotations.NullMarked;
