package io.hongbao.send.number;

import io.hongbao.send.SendMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Gives the service its one source of order numbers. */
@ApplicationScoped
public class NumberProducer {
    @Produces
    @Singleton
    OrderNumbers orderNumbers(
            @ConfigProperty(name = "hongbao.region") int region, ControlBlocks blocks, SendMetrics metrics) {
        var numbers = new OrderNumbers(region, blocks, System::nanoTime);
        metrics.watchNumbers(numbers);
        return numbers;
    }
}
