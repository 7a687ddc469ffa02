/** Refunds what is left of packets that have expired. */
@NullMarked
package io.hongbao.open.expiry;

import org.jspecify.annotations.NullMarked;
