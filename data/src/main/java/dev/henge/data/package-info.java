/// What is stored and what can be done with it, as pure functions.
///
/// An [Operation] is what a client asks, in no protocol's words. [Operations#apply] evaluates one
/// against a [dev.henge.storage.Reader], in a [Scope] that holds all that it may know of the world
/// (time, seed, revision, limits), adds what it changes to a [dev.henge.storage.WriteBatch] and
/// returns a [Reply]. No clock, no thread, no file, no socket: a frontend, a test and a replicated
/// log call the same code and get the same bytes.
///
/// [StoredKey] and [StoredObject] own the layout of keys and values (`FORMAT.md` beside them);
/// [StoredRecords] prints them; [ExpiredObjects] lets compactions drop what has ended. Within,
/// `Evaluation` carries one operation through a class for each family (`StringOperations`,
/// `BitOperations`, `KeyspaceWalks`, ...); `Transactions` runs steps over an `OverlayReader`.
///
/// Read first: [Operation], then [Operations].
@NullMarked
package dev.henge.data;

import org.jspecify.annotations.NullMarked;
