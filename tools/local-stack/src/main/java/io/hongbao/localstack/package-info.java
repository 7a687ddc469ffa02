/**
 * Real PostgreSQL, Redis and Kafka servers on free ports of 127.0.0.1, as one program that leaves nothing behind.
 *
 * <p>{@link io.hongbao.localstack.Main} is the command; everything else is its parts.
 */
@NullMarked
package io.hongbao.localstack;

import org.jspecify.annotations.NullMarked;
