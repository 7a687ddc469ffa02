/** From a request to an order that awaits its payment. */
@NullMarked
package io.hongbao.send.wrap;

import org.jspecify.annotations.NullMarked;
