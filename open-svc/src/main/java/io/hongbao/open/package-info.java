/** Opens shares: which amount a user gets, decided once, in turn, and durably. */
@NullMarked
package io.hongbao.open;

import org.jspecify.annotations.NullMarked;
