/** Red packets from deposit to settlement in one run. */
@NullMarked
package io.hongbao.cli.demo;

import org.jspecify.annotations.NullMarked;
