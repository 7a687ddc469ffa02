/** Sends what the order stores have committed to Kafka. */
@NullMarked
package io.hongbao.open.relay;

import org.jspecify.annotations.NullMarked;
