/** {@code hongbao top}: what the services' meters say, live. */
@NullMarked
package io.hongbao.cli.top;

import org.jspecify.annotations.NullMarked;
