/** Who asks: a user, in a group, told by an access layer under its signature. */
@NullMarked
package io.hongbao.core.assertion;

import org.jspecify.annotations.NullMarked;
