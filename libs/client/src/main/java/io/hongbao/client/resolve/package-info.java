/** Where the pods are: fixed lists, and DNS names that are asked again on a schedule. */
@NullMarked
package io.hongbao.client.resolve;

import org.jspecify.annotations.NullMarked;
