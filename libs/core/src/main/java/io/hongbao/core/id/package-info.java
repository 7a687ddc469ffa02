/** Order numbers: all routing is arithmetic on them. */
@NullMarked
package io.hongbao.core.id;

import org.jspecify.annotations.NullMarked;
