/** The five services as child processes on real servers, for the commands, the cross-service tests and the drills. */
@NullMarked
package io.hongbao.cli.stack;

import org.jspecify.annotations.NullMarked;
