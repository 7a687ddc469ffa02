/** Measures the services on real, durable servers of this machine, beside the limit and beside other ways to do it. */
@NullMarked
package io.hongbao.cli.bench;

import org.jspecify.annotations.NullMarked;
