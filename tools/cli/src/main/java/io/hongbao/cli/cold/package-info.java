/** Days that leave for the cold store: how far they are, and moving one at once. */
@NullMarked
package io.hongbao.cli.cold;

import org.jspecify.annotations.NullMarked;
