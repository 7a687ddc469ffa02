/** The map from order-number suffixes to SETs. */
@NullMarked
package io.hongbao.core.set;

import org.jspecify.annotations.NullMarked;
