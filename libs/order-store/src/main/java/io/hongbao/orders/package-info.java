/**
 * The order store: one PostgreSQL per SET, and the only place that speaks SQL to orders. Every decision is one guarded
 * statement under READ COMMITTED.
 */
@NullMarked
package io.hongbao.orders;

import org.jspecify.annotations.NullMarked;
