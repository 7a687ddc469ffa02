/** Packets and their shares, read from the SETs. */
@NullMarked
package io.hongbao.query.packet;

import org.jspecify.annotations.NullMarked;
