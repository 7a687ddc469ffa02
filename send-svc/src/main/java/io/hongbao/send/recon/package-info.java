/** What reconciliation has found, as metrics. */
@NullMarked
package io.hongbao.send.recon;

import org.jspecify.annotations.NullMarked;
