/** What runs on a schedule: tables made ahead, payments asked for, SETs probed. */
@NullMarked
package io.hongbao.send.job;

import org.jspecify.annotations.NullMarked;
