/** The cheap filter before the open: which user may try to open which packet. */
@NullMarked
package io.hongbao.grab;

import org.jspecify.annotations.NullMarked;
