/** Which pod gets a call: rendezvous hashing on the packet id. */
@NullMarked
package io.hongbao.client.balance;

import org.jspecify.annotations.NullMarked;
