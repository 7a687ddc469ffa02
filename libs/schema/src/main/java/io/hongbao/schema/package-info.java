/** The schemas of all databases and the one way to bring a database up to date. */
@NullMarked
package io.hongbao.schema;

import org.jspecify.annotations.NullMarked;
