/** What this pod says about itself. */
@NullMarked
package io.hongbao.send.health;

import org.jspecify.annotations.NullMarked;
