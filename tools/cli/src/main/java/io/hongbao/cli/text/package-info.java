/** What the commands print: aligned tables and amounts. */
@NullMarked
package io.hongbao.cli.text;

import org.jspecify.annotations.NullMarked;
