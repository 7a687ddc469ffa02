package io.hongbao.cli.stack;

import io.hongbao.cli.CommandFailure;
import io.hongbao.stackprocess.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of the project, which holds the built services.
 *
 * @param root absolute
 */
public record ProjectHome(Path root) {
    /** Set by the launcher. */
    public static final String PROPERTY = "hongbao.home";
    /** If it is true, services are native executables in place of jars. Set by the Maven profile {@code native}. */
    public static final String NATIVE_PROPERTY = "hongbao.native";

    /** The folder that {@value #PROPERTY} names, or the nearest one above the current folder that looks like it. */
    public static ProjectHome find() {
        String named = System.getProperty(PROPERTY, "");
        Path start = Path.of(named).toAbsolutePath().normalize();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (isProject(folder)) {
                return new ProjectHome(folder);
            }
            if (!named.isEmpty()) {
                break;
            }
        }
        throw new CommandFailure(start + " is not the Hongbao project. Run ./hongbao from there, or set -D" + PROPERTY);
    }

    private static boolean isProject(Path folder) {
        return Files.isDirectory(folder.resolve("send-svc")) && Files.isDirectory(folder.resolve("wallet-bridge"));
    }

    /** The program of a service: a jar, or an executable. @throws CommandFailure if it is not built */
    public Path program(Service service) {
        return Boolean.getBoolean(NATIVE_PROPERTY) ? executable(service) : jar(service);
    }

    private Path executable(Service service) {
        Path target = root.resolve(service.module()).resolve("target");
        try (var found = Files.newDirectoryStream(target, service.module() + "-*-runner")) {
            var executables = found.iterator();
            if (executables.hasNext()) {
                return executables.next();
            }
        } catch (IOException notBuilt) {
            // Told below.
        }
        throw new CommandFailure(service.module() + " is not built as an executable: there is no "
                + target.resolve(service.module() + "-*-runner") + ". Build it with ./mvnw -Dnative package.");
    }

    private Path jar(Service service) {
        Path jar = root.resolve(service.module()).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(jar)) {
            throw new CommandFailure(service.module() + " is not built: there is no " + jar
                    + ". Build it with ./mvnw -Dquick package, or run ./hongbao, which does.");
        }
        return jar;
    }

    /** Tells where the program of the local servers is, unless somebody has. */
    public void useLocalStack() {
        if (System.getProperty(LocalStack.JAR_PROPERTY) == null) {
            System.setProperty(
                    LocalStack.JAR_PROPERTY,
                    root.resolve("tools/local-stack/target/hongbao-local-stack.jar")
                            .toString());
        }
    }

    /** What the command line remembers between runs; never a part of a commit. */
    public Path memory() {
        return root.resolve(".hongbao");
    }

    /** A folder for class archives, which make the next start quicker; may be deleted at any time. */
    public Path archives() throws IOException {
        return Files.createDirectories(memory().resolve("archives"));
    }
}
