/** What this pod remembers of packets that are final. */
@NullMarked
package io.hongbao.grab.memory;

import org.jspecify.annotations.NullMarked;
