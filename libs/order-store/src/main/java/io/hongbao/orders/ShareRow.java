package io.hongbao.orders;

import io.hongbao.core.packet.Share;

/**
 * A share as its SET stores it.
 *
 * @param settled whether the receiver's wallet is credited
 */
public record ShareRow(Share share, boolean settled) {}
