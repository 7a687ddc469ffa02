/** How the amounts of shares are drawn, and how anyone can check the draw. */
@NullMarked
package io.hongbao.core.split;

import org.jspecify.annotations.NullMarked;
