/** Backups of a kept stack's databases, and the way back. */
@NullMarked
package io.hongbao.cli.backup;

import org.jspecify.annotations.NullMarked;
