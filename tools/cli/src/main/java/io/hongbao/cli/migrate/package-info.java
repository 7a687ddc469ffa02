/** Brings databases to the schema of this version. */
@NullMarked
package io.hongbao.cli.migrate;

import org.jspecify.annotations.NullMarked;
