package io.hongbao.client.resolve;

import io.grpc.NameResolver;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another resolver, asked again on a schedule. */
final class RefreshingNameResolver extends NameResolver {
    private final NameResolver resolver;
    private final Args args;
    private final Duration interval;
    private @Nullable ScheduledHandle schedule;

    RefreshingNameResolver(NameResolver resolver, Args args, Duration interval) {
        this.resolver = resolver;
        this.args = args;
        this.interval = interval;
    }

    @Override
    public String getServiceAuthority() {
        return resolver.getServiceAuthority();
    }

    @Override
    public void start(Listener2 listener) {
        resolver.start(listener);
        schedule = args.getSynchronizationContext()
                .scheduleWithFixedDelay(
                        resolver::refresh,
                        interval.toNanos(),
                        interval.toNanos(),
                        TimeUnit.NANOSECONDS,
                        args.getScheduledExecutorService());
    }

    @Override
    public void refresh() {
        resolver.refresh();
    }

    @Override
    public void shutdown() {
        if (schedule != null) {
            schedule.cancel();
        }
        resolver.shutdown();
    }
}
