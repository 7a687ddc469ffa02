/** query-svc: packets from the order store, users' lists and totals from the user records. */
@NullMarked
package io.hongbao.query;

import org.jspecify.annotations.NullMarked;
