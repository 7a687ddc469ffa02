/** Control data of a region: what operators switch and mask while the pods run, and the audit chain. */
@NullMarked
package io.hongbao.control;

import org.jspecify.annotations.NullMarked;
