/** A stack whose money comes and goes through WeChat Pay, which is the sandbox. */
@NullMarked
package io.hongbao.cli.wechat;

import org.jspecify.annotations.NullMarked;
