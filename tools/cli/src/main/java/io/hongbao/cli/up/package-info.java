/** A stack that stays: start it, look at it, end it. */
@NullMarked
package io.hongbao.cli.up;

import org.jspecify.annotations.NullMarked;
