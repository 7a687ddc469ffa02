package io.hongbao.client;

import io.grpc.Status;
import io.hongbao.v1.ErrorReason;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a failed call says.
 *
 * @param code the status code
 * @param reason the stable reason; empty if the error came from elsewhere than a Hongbao service (the connection, a
 *     deadline of the client's own, a proxy), or from a newer service with reasons this client does not know
 * @param metadata what the reason refers to, for instance {@code set} or {@code home_region}; empty without one
 * @param retryAfter how long the server asks to wait before a retry; empty if it does not say
 */
public record CallError(
        Status.Code code, Optional<ErrorReason> reason, Map<String, String> metadata, Optional<Duration> retryAfter) {}
