/// The Redis protocol: bytes to operations, replies to bytes.
///
/// [RespServer] listens; each connection is a [RespSession]. A [RequestDecoder] cuts its bytes into
/// [Request]s; the [CommandTable], in which every command is declared once ([Command]) by its
/// family ([StringCommands], [KeyCommands], ...), says what each of them is; a [ReplyWriter] writes
/// the answer in RESP2 or RESP3. What a data command does is an operation of `dev.henge.data`.
///
/// Threads: a session belongs to its event thread and, while it waits for the disk, to one worker.
/// Answers that must wait for the log are kept in order by [HeldReplies] and woken by one
/// [AcknowledgeQueue] per event thread.
///
/// Read first: [Command], then [RespSession].
@NullMarked
package dev.henge.server.resp;

import org.jspecify.annotations.NullMarked;
