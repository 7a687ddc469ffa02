/** Tickets: signed for a lease, or at a bounded rate for none. */
@NullMarked
package io.hongbao.grab.ticket;

import org.jspecify.annotations.NullMarked;
