/** What becomes of an order that awaits its payment. */
@NullMarked
package io.hongbao.send.payment;

import org.jspecify.annotations.NullMarked;
