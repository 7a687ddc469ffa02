/** The audit chain in database {@code control}. */
@NullMarked
package io.hongbao.cli.audit;

import org.jspecify.annotations.NullMarked;
