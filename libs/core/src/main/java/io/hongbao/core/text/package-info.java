/** Personal text, unreadable to whoever has the stores and not the keys. */
@NullMarked
package io.hongbao.core.text;

import org.jspecify.annotations.NullMarked;
