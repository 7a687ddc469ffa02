/** What a packet may be. */
@NullMarked
package io.hongbao.send.limits;

import org.jspecify.annotations.NullMarked;
