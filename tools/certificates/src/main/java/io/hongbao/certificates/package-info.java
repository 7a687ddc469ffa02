/** A CA for tests and local stacks. Nothing it makes is meant to leave the machine. */
@NullMarked
package io.hongbao.certificates;

import org.jspecify.annotations.NullMarked;
