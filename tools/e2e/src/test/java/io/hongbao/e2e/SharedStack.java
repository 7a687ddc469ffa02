package io.hongbao.e2e;

import io.hongbao.cli.promise.PromiseChecker.Moment;
import io.hongbao.cli.stack.ProjectHome;
import io.hongbao.cli.stack.RunningStack;
import io.hongbao.cli.stack.StackOptions;
import java.util.HexFormat;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands the one {@link World} of this test run to whoever asks for it, and checks the promises after each class. */
final class SharedStack implements ParameterResolver, AfterAllCallback {
    /** Known to the tests, so that they can sign tickets that no service would. */
    static final byte[] TICKET_SECRET = "a secret for tests, 32 bytes long".getBytes();

    private static final Namespace NAMESPACE = Namespace.create(SharedStack.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == World.class || type == SpanCollector.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == World.class ? world(context) : collector(context);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        world(context).assertPromises(Moment.SETTLED);
    }

    /** Closed by JUnit at the end of the run, as everything that is AutoCloseable and in the root's store. */
    private static World world(ExtensionContext context) {
        SpanCollector collector = collector(context);
        return context.getRoot().getStore(NAMESPACE).computeIfAbsent("world", key -> start(collector), World.class);
    }

    /** What the services tell of packets; there before them. */
    private static SpanCollector collector(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent("collector", key -> new SpanCollector(), SpanCollector.class);
    }

    private static World start(SpanCollector collector) {
        try {
            var options = StackOptions.temporary(ProjectHome.find())
                    .with("hongbao.tickets.keys.\"1\"", HexFormat.of().formatHex(TICKET_SECRET))
                    .with("hongbao.traces.enabled", "true")
                    .with("hongbao.traces.endpoint", collector.endpoint())
                    .with("hongbao.traces.ratio", "1");
            return new World(RunningStack.start(options, line -> System.out.println("stack: " + line)));
        } catch (Exception e) {
            throw new IllegalStateException("the stack did not start", e);
        }
    }
}
