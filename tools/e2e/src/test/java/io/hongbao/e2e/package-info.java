/** Tests across all services, on real servers and real processes. Each ends with the check of all promises. */
@NullMarked
package io.hongbao.e2e;

import org.jspecify.annotations.NullMarked;
