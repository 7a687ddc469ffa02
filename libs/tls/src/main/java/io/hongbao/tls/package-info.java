/**
 * Mutual TLS: who is who by a SPIFFE-style URI in the certificate, and certificates that are read again without a restart.
 */
@NullMarked
package io.hongbao.tls;

import org.jspecify.annotations.NullMarked;
