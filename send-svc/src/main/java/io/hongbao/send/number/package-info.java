/** Order numbers, handed out in blocks by the database control. */
@NullMarked
package io.hongbao.send.number;

import org.jspecify.annotations.NullMarked;
