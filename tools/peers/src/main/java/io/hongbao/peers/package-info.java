/**
 * Other ways to open a red packet, each as good as its kind can be made, to measure open-svc against: the same calls,
 * checks, tables, constraints and events. Never deployed.
 */
@NullMarked
package io.hongbao.peers;

import org.jspecify.annotations.NullMarked;
