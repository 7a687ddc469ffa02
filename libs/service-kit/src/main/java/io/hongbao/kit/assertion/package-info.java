/** Who asks: user assertions of access layers, checked against what each request says. */
@NullMarked
package io.hongbao.kit.assertion;

import org.jspecify.annotations.NullMarked;
