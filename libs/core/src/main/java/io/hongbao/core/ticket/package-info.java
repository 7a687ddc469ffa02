/** Signed grab tickets. */
@NullMarked
package io.hongbao.core.ticket;

import org.jspecify.annotations.NullMarked;
