/** The fairness proof: recomputes what a packet's revealed seed must have drawn. */
@NullMarked
package io.hongbao.cli.verify;

import org.jspecify.annotations.NullMarked;
