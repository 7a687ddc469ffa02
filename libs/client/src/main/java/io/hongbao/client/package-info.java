/** The Java client for access layers: channels per region, calls that reach the pod owning a packet, typed errors. */
@NullMarked
package io.hongbao.client;

import org.jspecify.annotations.NullMarked;
