/** Bounds the pods that open one packet at once. */
@NullMarked
package io.hongbao.open.gate;

import org.jspecify.annotations.NullMarked;
