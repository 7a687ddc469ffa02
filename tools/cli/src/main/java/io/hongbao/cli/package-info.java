/** The command line: starts everything on one machine, shows it, and calls it. */
@NullMarked
package io.hongbao.cli;

import org.jspecify.annotations.NullMarked;
