/** One call of a running stack for each command. */
@NullMarked
package io.hongbao.cli.call;

import org.jspecify.annotations.NullMarked;
