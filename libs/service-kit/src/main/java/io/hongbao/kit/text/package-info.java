/** The keys of personal text. */
@NullMarked
package io.hongbao.kit.text;

import org.jspecify.annotations.NullMarked;
