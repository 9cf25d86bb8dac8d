/// The real [dev.henge.base.Network]: TCP by Netty, epoll where the system has it, NIO elsewhere.
///
/// [NettyNetwork] owns the event threads; each [NettyConnection] belongs to one of them and hands
/// what it reads to its [dev.henge.base.ConnectionHandler] there, without a copy. Written bytes are
/// copied once, into pooled buffers, and leave with one gathering write per flush.
///
/// Read first: [NettyConnection].
@NullMarked
package dev.henge.server.net;

import org.jspecify.annotations.NullMarked;
