/** The orders of all SETs, with the requests of many callers in one statement. */
@NullMarked
package io.hongbao.send.batch;

import org.jspecify.annotations.NullMarked;
