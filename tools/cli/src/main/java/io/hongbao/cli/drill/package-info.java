/** Faults made on purpose, under load, on servers of their own; the promises are checked at the end of each. */
@NullMarked
package io.hongbao.cli.drill;

import org.jspecify.annotations.NullMarked;
