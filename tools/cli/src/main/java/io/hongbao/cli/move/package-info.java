/** Logical databases move from one SET to another. */
@NullMarked
package io.hongbao.cli.move;

import org.jspecify.annotations.NullMarked;
