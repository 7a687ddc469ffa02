package io.hongbao.grab.memory;

import io.hongbao.grab.GrabConfig;
import io.hongbao.grab.GrabMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes this pod's one memory, and lets its size be watched. */
@ApplicationScoped
public class FinishedPacketsProducer {
    @Produces
    @Singleton
    FinishedPackets finishedPackets(GrabConfig config, GrabMetrics metrics) {
        var packets = new FinishedPackets(config.finishedPacketsMax());
        metrics.watchFinishedPackets(packets::size);
        return packets;
    }
}
