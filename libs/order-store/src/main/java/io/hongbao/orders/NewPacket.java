package io.hongbao.orders;

import io.hongbao.core.packet.LivePacket;

/**
 * An order as it is wrapped.
 *
 * @param facts number, terms, seed, sender, group, exclusive receiver
 * @param timeToLiveMillis how long it may be opened once it is paid, at least 1
 * @param cityCode six digits or empty
 * @param greeting the sender's words as they are to be stored: encrypted, unless somebody has switched that off
 */
public record NewPacket(LivePacket.Facts facts, long timeToLiveMillis, String cityCode, String greeting) {}
