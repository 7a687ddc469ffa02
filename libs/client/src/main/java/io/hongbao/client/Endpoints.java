package io.hongbao.client;

/**
 * Where the five services of one region are, as grpc target strings: {@code hongbao-dns:///open-svc.hongbao.svc:9103}
 * for a headless Kubernetes service, {@code hongbao-static:///10.0.0.1:9103,10.0.0.2:9103} for fixed servers, or any
 * other that grpc knows.
 *
 * @param open should name every pod: behind one virtual address packets cannot be brought to their owners
 */
public record Endpoints(String send, String grab, String open, String query, String wallet) {}
