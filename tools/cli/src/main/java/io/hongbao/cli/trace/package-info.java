/** The whole life of one packet, as all stores tell it. */
@NullMarked
package io.hongbao.cli.trace;

import org.jspecify.annotations.NullMarked;
