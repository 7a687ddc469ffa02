/** The load generator: closed loops for peaks, constant arrival for latency, as little garbage as can be. */
@NullMarked
package io.hongbao.cli.bench.load;

import org.jspecify.annotations.NullMarked;
