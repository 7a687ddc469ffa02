/** Which SET gets a new order, and which SETs are passed over for now. */
@NullMarked
package io.hongbao.send.set;

import org.jspecify.annotations.NullMarked;
