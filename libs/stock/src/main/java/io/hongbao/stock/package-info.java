/** The stock of packets in Redis: one function library and its Java face. A filter, never trusted for money. */
@NullMarked
package io.hongbao.stock;

import org.jspecify.annotations.NullMarked;
