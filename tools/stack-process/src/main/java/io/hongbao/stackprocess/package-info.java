/** The local stack as a child process; needs nothing but the JDK. */
@NullMarked
package io.hongbao.stackprocess;

import org.jspecify.annotations.NullMarked;
