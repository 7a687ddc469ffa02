/** What operators switch and mask while everything runs. */
@NullMarked
package io.hongbao.cli.control;

import org.jspecify.annotations.NullMarked;
