/** Who may call what: mutual TLS on servers and clients, the table of allowed calls, and limits of what a connection may do. */
@NullMarked
package io.hongbao.kit.access;

import org.jspecify.annotations.NullMarked;
