/** Traces of packets: OpenTelemetry spans that are found by the order number, and hold nothing about people. */
@NullMarked
package io.hongbao.kit.trace;

import org.jspecify.annotations.NullMarked;
