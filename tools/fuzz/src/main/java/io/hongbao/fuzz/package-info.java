/** Bytes that nobody in his right mind would send: inputs of decoders, and frames for servers. */
@NullMarked
package io.hongbao.fuzz;

import org.jspecify.annotations.NullMarked;
