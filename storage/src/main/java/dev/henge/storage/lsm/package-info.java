/// The LSM engine: a log, a memtable, levels of sorted tables.
///
/// - [LsmEngine] is the way in: appends, group commit, readers, background work.
/// - Reading: [ReadView] pins what a reader needs, [LsmReader] and [LsmCursor] read it,
///   [MergingCursor] merges sources.
/// - Writing tables: [BackgroundWork] flushes memtables and merges what [CompactionPicker] chooses
///   into the next level, both through [TableWriter].
/// - What is there: [LsmVersion] lists the [TableFile]s of a moment, [Manifest] makes it durable.
/// - Looking in from outside: [LsmInspector] prints files, [LsmChecker] verifies a directory.
///
/// Threads: appenders under the append lock; whoever waits for a commit writes and syncs the log
/// for all under the commit lock; background work runs on the threads of [EngineResources], one
/// task of a kind at a time for each engine ([RepeatedTask]). Lock order: commit, append, view. No
/// lock but commit is held over I/O.
///
/// Read first: [LsmEngine], then [ReadView].
@NullMarked
package dev.henge.storage.lsm;

import org.jspecify.annotations.NullMarked;
