package io.hongbao.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Who may know whom. The classes are read from the modules' {@code target/classes}: a Quarkus application is not made to be
 * somebody's dependency. A module that has not been compiled, or has no class yet, passes.
 */
class ArchitectureTest {
    static final List<String> SERVICES = List.of("send", "grab", "open", "query", "wallet");

    /**
     * The owners of database tables: orders, the ledger, user records, control data, the blocks of order numbers. The peers are no part
     * of the product: they are the ways to open that it is measured against, and have to speak for themselves.
     */
    private static final String[] OWNERS_OF_TABLES = {
        "io.hongbao.orders..",
        "io.hongbao.wallet..",
        "io.hongbao.query.records..",
        "io.hongbao.control..",
        "io.hongbao.send.number..",
        "io.hongbao.send.recon..",
        "io.hongbao.peers.."
    };

    /** {@code libs/core/target/classes}. */
    private static final int FOLDER_DEPTH = 4;

    private static JavaClasses hongbao;

    @BeforeAll
    static void readClasses() throws IOException {
        var root = root();
        try (var folders = Files.find(root, FOLDER_DEPTH, (path, _) -> path.endsWith("target/classes"))) {
            hongbao = new ClassFileImporter().importPaths(folders.toList());
        }
        assertFalse(hongbao.isEmpty(), "no compiled class under " + root);
    }

    /** The folder with the Maven wrapper. Surefire runs in the module's, an IDE wherever it likes. */
    private static Path root() {
        var folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    @Test
    void shouldKeepFrameworksOutOfTheCore() {
        classes()
                .that()
                .resideInAPackage("io.hongbao.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "org.jspecify..", "io.hongbao.core..")
                .because(
                        "a packet's whole life must run from a seed in one thread: hand time, randomness and storage in,"
                                + " and put what needs a framework into the service kit or a service")
                .allowEmptyShould(true)
                .check(hongbao);
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void shouldKeepServicesApart(String service) {
        var others = SERVICES.stream()
                .filter(other -> !other.equals(service))
                .map(other -> "io.hongbao." + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.hongbao." + service + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because(
                        "services are deployed, scaled and lost one by one: call another through its contract in proto/,"
                                + " and move what several need into libs/")
                .allowEmptyShould(true)
                .check(hongbao);
    }

    @Test
    void shouldLetOnlyTheOwnersOfTablesSpeakSql() {
        noClasses()
                .that(resideInAnyPackage("io.hongbao..").and(resideOutsideOfPackages(OWNERS_OF_TABLES)))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..sqlclient..", "io.vertx..pgclient..")
                .because(
                        "each table has one owner, whose statements are the promises: ask the order store, the ledger, the"
                                + " user records or the order numbers for a method instead of reaching past them")
                .allowEmptyShould(true)
                .check(hongbao);
    }

    @Test
    void shouldKeepJdbcOutOfServices() {
        var services =
                SERVICES.stream().map(service -> "io.hongbao." + service + "..").toArray(String[]::new);
        noClasses()
                .that()
                .resideInAnyPackage(services)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..")
                .because(
                        "JDBC blocks, and an event loop that waits for one answer keeps thousands waiting: use the reactive"
                                + " client; migrations, which may block, run before the services in libs/schema")
                .allowEmptyShould(true)
                .check(hongbao);
    }

    @Test
    void shouldKeepToolsOutOfWhatIsDeployed() {
        noClasses()
                .that(resideInAnyPackage("io.hongbao..")
                        .and(not(resideInAnyPackage(
                                "io.hongbao.cli..",
                                "io.hongbao.localstack..",
                                "io.hongbao.stackprocess..",
                                "io.hongbao.arch.."))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.hongbao.cli..", "io.hongbao.localstack..", "io.hongbao.stackprocess..")
                .because("tools may know the product, never the other way round")
                .allowEmptyShould(true)
                .check(hongbao);
    }
}
