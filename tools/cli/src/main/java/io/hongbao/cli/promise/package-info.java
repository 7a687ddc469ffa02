/** Checks the promises against every row the stores hold and every answer the clients got. */
@NullMarked
package io.hongbao.cli.promise;

import org.jspecify.annotations.NullMarked;
