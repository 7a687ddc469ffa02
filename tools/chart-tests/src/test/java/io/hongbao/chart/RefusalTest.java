package io.hongbao.chart;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that cannot work are refused before anything reaches a cluster, with what to do about them. */
class RefusalTest {
    private static final String SCHEMA = "values don't meet the specifications of the schema";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "region: north",
                "regoin: 1",
                "zones: {whenUnsatisfiable: Never}",
                "zones: {count: 0}",
                "capacity: {podUtilizationMax: 101}",
                "podSecurity: {runAsUser: 0}",
                "tls: {enabled: 'yes'}",
                "tls: {key: secret}",
                "tls: {trustDomain: 'spiffe://hongbao'}",
                "tls: {reloadInterval: 10}",
                "tls: {identities: {open: ['spiffe://a/b']}}",
                "tls: {identities: {open-svc: [open-svc]}}",
                "tls: {existingSecrets: {wallet-bridge: a}}",
                "tls: {certManager: {duration: 7d}}",
                "traces: {ratio: 2}",
                "traces: {endpoint: 'http://me:pw@collector:4318'}",
                "limits: {shareCountMax: 0}",
                "limits: {shareFenMax: 1.5}",
                "tickets: {signingKey: 128}",
                "text: {writingKey: -1}",
                "text: {key: 00ff}",
                "redis: {password: secret}",
                "pageToken: {secret: 00ff}",
                "databases: {ledger: {password: secret}}",
                "kafka: {bootstrapServers: \"a:1\\nhongbao.region=2\"}",
                "services: {opn: {}}",
                "services: {open: {load: {podPerSecond: 0}}}",
                "services: {open: {config: {'a b': c}}}",
                "services: {open: {config: {a: \"b\\nc=d\"}}}",
                "networkPolicy: {clients: [{}]}",
                "networkPolicy: {dns: {peers: []}}",
                "networkPolicy: {kafka: {ports: []}}",
                "drain: {preStopSeconds: 0}",
                "sets: [{name: Set_A, range: '00-99', url: 'postgresql://a/orders', existingSecret: a}]",
                "sets: [{name: set-a, range: '00-100', url: 'postgresql://a/orders', existingSecret: a}]",
                "sets: [{name: set-a, range: 7, url: 'postgresql://a/orders', existingSecret: a}]",
                "sets: [{name: set-a, range: '00-99', active: '', url: 'postgresql://a/orders', existingSecret: a}]",
                "sets: [{name: set-a, url: 'postgresql://a/orders', existingSecret: a}]",
                "sets: [{name: set-a, range: '00-99', url: 'postgresql://a/orders', password: a}]"
            })
    void shouldRefuseByTheSchema(String change) {
        String message = refusal(change);

        assertTrue(message.contains(SCHEMA), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "region: 3 | region is 3; set it to 1 (north) or 2 (south)",
                "sets: [] | sets is empty",
                "sets: [{name: a, range: '00-49', url: 'postgresql://a/o', existingSecret: a}, {name: b, range: '45-99', url: 'postgresql://b/o', existingSecret: b}]"
                        + "| databases 45,46,47,48,49 are claimed by SET a and by SET b",
                "sets: [{name: a, range: '00-08', url: 'postgresql://a/o', existingSecret: a}, {name: b, range: '8', url: 'postgresql://b/o', existingSecret: b}]"
                        + "| databases 8 are claimed by SET a and by SET b",
                "sets: [{name: a, range: '00-49', url: 'postgresql://a/o', existingSecret: a}, {name: a, range: '50-99', url: 'postgresql://b/o', existingSecret: b}]"
                        + "| two SETs are named a",
                "sets: [{name: a, range: '00-49', active: '08,48-51', url: 'postgresql://a/o', existingSecret: a}] | active databases 50,51 are outside its range",
                "sets: [{name: a, range: '49-00', url: 'postgresql://a/o', existingSecret: a}] | range \"49-00\" descends",
                "sets: [{name: a, range: '00-99', url: 'postgresql://a/o'}] | SET a: existingSecret is missing",
                "sets: [{name: a, range: '00-99', url: 'postgresql://me:pw@a/o', existingSecret: a}] | SET a: url holds a user or password",
                "sets: [{name: a, range: '00-99', url: 'jdbc:postgresql://a/o', existingSecret: a}] | SET a: url does not begin with postgresql://",
                "databases: {ledger: {existingSecret: ''}} | databases.ledger.existingSecret is missing",
                "databases: {control: {url: ''}} | databases.control.url is missing",
                "databases: {cold: {url: ''}} | databases.cold.url is missing",
                "redis: {hosts: 'redis://:pw@r:6379'} | redis.hosts holds a user or password",
                "kafka: {bootstrapServers: ''} | kafka.bootstrapServers is missing",
                "tickets: {signingKey: 2} | tickets.signingKey is 2, which is not among tickets.keys",
                "tickets: {keys: []} | tickets.keys is empty",
                "tickets: {keys: [{id: 1, key: k}]} | key 1 has no existingSecret",
                "tickets: {keys: [{id: 1, key: k, existingSecret: s}, {id: 1, key: l, existingSecret: s}]} | id 1 twice",
                "text: {keys: []} | text.keys is empty",
                "text: {writingKey: 2} | text.writingKey is 2, which is not among text.keys",
                "text: {keys: [{id: 1, key: k}]} | text.keys: key 1 has no existingSecret",
                "services: {send: {config: {'hongbao.text.keys.1': 00ff}}} | secrets come by existingSecret",
                "services: {send: {extraEnv: [{name: HONGBAO_TEXT_KEYS_1, value: x}]}} | use valueFrom.secretKeyRef",
                "pageToken: {existingSecret: ''} | pageToken.existingSecret is missing",
                "services: {open: {replicas: 9, replicasMax: 6}} | services.open.replicasMax is 6, below the 9 pods",
                "services: {open: {load: {extremePerSecond: 1}}} | extremePerSecond is below peakPerSecond",
                "services: {query: {config: {hongbao.page-token.secret: 00ff}}} | secrets come by existingSecret",
                "services: {open: {config: {hongbao.region: 2}}} | which region and sets decide",
                "services: {open: {extraEnv: [{name: DB_PASSWORD, value: x}]}} | use valueFrom.secretKeyRef",
                "autoscaling: {enabled: false, keda: {enabled: true}} | autoscaling.keda.enabled needs autoscaling.enabled",
                "drain: {preStopSeconds: 35} | drain.terminationGracePeriodSeconds is 40; with preStopSeconds 35 it is at least 45",
                "networkPolicy: {redis: {peers: []}} | networkPolicy.redis.peers is empty",
                "tls: {existingSecrets: {grab: ''}} | tls.enabled needs tls.existingSecrets.grab, the Secret with the certificate of grab-svc",
                "tls: {existingSecrets: {probe: ''}} | tls.enabled needs tls.existingSecrets.probe",
                "tls: {certManager: {enabled: true, issuerRef: {name: ca}}} | tls.existingSecrets.open is set while tls.certManager makes the certificates",
                "tls: {enabled: false, certManager: {enabled: true}} | needs tls.certManager.issuerRef.name",
                "tls: {identities: {open-svc: ['spiffe://m/x'], grab-svc: ['spiffe://m/x']}} | spiffe://m/x stands for both",
                "istio: {enabled: true} | istio.enabled hashes on a header which the mesh cannot read",
                "services: {open: {config: {hongbao.tls.enabled: false}}} | services.open.config has hongbao.tls.enabled, which this chart sets itself",
                "services: {open: {config: {quarkus.management.port: 1}}} | which this chart sets itself",
                "assertion: {required: true} | assertion.required needs assertion.keys",
                "assertion: {keys: [{id: 1, key: k}]} | assertion.keys: key 1 has no existingSecret",
                "assertion: {keys: [{id: 1, key: k, existingSecret: s}, {id: 1, key: l, existingSecret: s}]} | assertion.keys has id 1 twice",
                "services: {open: {config: {'hongbao.assertion.keys.\"1\"': 00ff}}} | secrets come by existingSecret",
                "traces: {enabled: true} | traces.enabled needs traces.endpoint",
                "traces: {enabled: true, endpoint: 'http://c:4318/v1/traces'} | networkPolicy.collector.peers is empty",
                "istio: {otherRegionHost: x} | istio.otherRegionHost needs istio.enabled"
            })
    void shouldRefuseContradictions(String change, String reason) {
        String message = refusal(change);

        assertTrue(message.contains("These values cannot work"), message);
        assertTrue(message.contains(reason), message);
    }

    @Test
    void shouldTellAllFaultsAtOnce() {
        String message = refusal("{region: 0, sets: [], kafka: {bootstrapServers: ''}}");

        assertTrue(message.contains("region is 0"), message);
        assertTrue(message.contains("sets is empty"), message);
        assertTrue(message.contains("kafka.bootstrapServers is missing"), message);
    }

    @Test
    void shouldRefuseTheDefaultsAlone() {
        String message = assertThrows(
                        IllegalStateException.class, () -> Chart.render(Chart.HOME.resolve("values.yaml")))
                .getMessage();

        assertTrue(message.contains("values-north.yaml"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "services: {open: {replicas: 4}} | services.open.replicas is 4, no multiple of the 3 IDCs",
                "services: {open: {replicasMax: 10}} | services.open.replicasMax is 10, no multiple",
                "services: {open: {replicas: 3, load: {peakPerSecond: 40000}}} | services.open has 3 pods; the peak needs 6",
                "zones: {whenUnsatisfiable: ScheduleAnyway} | pods may crowd in one IDC",
                "zones: {count: 2} | a region has three IDCs",
                "sets: [{name: a, range: '00-09', url: 'postgresql://a/o', existingSecret: a}] | 10 of the 100 logical databases are served",
                "sets: [{name: a, range: '00-99', active: none, url: 'postgresql://a/o', existingSecret: a}] | no new order can be made",
                "tls: {enabled: false} | tls.enabled is false: gRPC is plain text",
                "tls: {enabled: false, certManager: {enabled: true, issuerRef: {name: ca}}} | certificates that nobody uses",
                "{tls: {enabled: false}, assertion: {required: true, keys: [{id: 1, existingSecret: s, key: k}]}} | assertions go over the network in plain text",
                "migration: {enabled: false} | migration.enabled is false",
                "networkPolicy: {enabled: false} | every pod of the cluster may call",
                "networkPolicy: {clients: []} | nobody outside this release may call"
            })
    void shouldWarnOfWhatMayNotBeMeant(String change, String warning) {
        String notes = Chart.notes(change);

        assertTrue(notes.contains("WARNINGS"), notes);
        assertTrue(notes.contains(warning), notes);
    }

    @Test
    void shouldNotWarnOfTheExamples() {
        assertFalse(Chart.notes().contains("WARNINGS"));
    }

    private static String refusal(String change) {
        return assertThrows(IllegalStateException.class, () -> Chart.north(change))
                .getMessage();
    }
}
