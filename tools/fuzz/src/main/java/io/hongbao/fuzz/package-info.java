/** Feeds decoders with bytes that nobody in his right mind would send. */
@NullMarked
package io.hongbao.fuzz;

import org.jspecify.annotations.NullMarked;
