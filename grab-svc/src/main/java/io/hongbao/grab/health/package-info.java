/** Which servers this service can reach. */
@NullMarked
package io.hongbao.grab.health;

import org.jspecify.annotations.NullMarked;
