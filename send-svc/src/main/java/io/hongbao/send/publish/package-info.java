/** From a confirmed payment to a packet that may be opened. */
@NullMarked
package io.hongbao.send.publish;

import org.jspecify.annotations.NullMarked;
