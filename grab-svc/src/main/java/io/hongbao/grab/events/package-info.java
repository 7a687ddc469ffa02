/** What happened to packets elsewhere, brought into Redis and into memory. */
@NullMarked
package io.hongbao.grab.events;

import org.jspecify.annotations.NullMarked;
