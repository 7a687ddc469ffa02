/** Regions that come and go: where new orders go, and how a call to a region that is away fails at once. */
@NullMarked
package io.hongbao.client.region;

import org.jspecify.annotations.NullMarked;
