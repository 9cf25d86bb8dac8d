/// Operations and replies as bytes, for replicated logs and for the way between nodes.
///
/// `FORMAT.md` beside this file draws them. [OperationCodec] and [ReplyCodec] are the two doors;
/// [CodecWriter] and [CodecReader] write and read the numbers and byte strings that all formats of
/// this kind are made of. Writing switches over the sealed types without a default, so that a new
/// case does not compile before it has a number and a layout here.
///
/// Stateless but for writers and readers, which belong to one thread each.
///
/// Read first: [OperationCodec].
@NullMarked
package dev.henge.data.codec;

import org.jspecify.annotations.NullMarked;
