/** What this machine and its servers spent: CPU by process, commits, fsyncs, bytes of WAL. */
@NullMarked
package io.hongbao.cli.bench.machine;

import org.jspecify.annotations.NullMarked;
