/**
 * Wraps packets and publishes them when they are paid: order numbers, the choice of the SET, the order's payment, and
 * what makes up for confirmations that got lost.
 */
@NullMarked
package io.hongbao.send;

import org.jspecify.annotations.NullMarked;
