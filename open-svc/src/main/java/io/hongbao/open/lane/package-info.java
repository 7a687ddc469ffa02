/** The path of an open: queue, decide, commit, answer. Read Lane first. */
@NullMarked
package io.hongbao.open.lane;

import org.jspecify.annotations.NullMarked;
