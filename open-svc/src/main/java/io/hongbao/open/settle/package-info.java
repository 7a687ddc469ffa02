/** Marks shares whose money has arrived. */
@NullMarked
package io.hongbao.open.settle;

import org.jspecify.annotations.NullMarked;
