/** How answers that fall due together find their way back to those who wait for them. */
@NullMarked
package io.hongbao.core.answer;

import org.jspecify.annotations.NullMarked;
