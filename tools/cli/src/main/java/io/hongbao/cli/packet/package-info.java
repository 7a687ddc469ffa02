/** What an operator does to one packet. */
@NullMarked
package io.hongbao.cli.packet;

import org.jspecify.annotations.NullMarked;
