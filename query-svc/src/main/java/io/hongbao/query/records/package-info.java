/** What users sent and received: written from the events of the orders, read as lists and totals. */
@NullMarked
package io.hongbao.query.records;

import org.jspecify.annotations.NullMarked;
