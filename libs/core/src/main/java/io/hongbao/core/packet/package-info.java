/** The life of a packet as a pure state machine. */
@NullMarked
package io.hongbao.core.packet;

import org.jspecify.annotations.NullMarked;
