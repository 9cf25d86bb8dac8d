/// The state machine of strong keyspaces: operations evaluated in log order on an engine.
///
/// A [StrongCommand] is what a group's log holds of one request. [StrongStateMachine] evaluates it
/// with [dev.henge.data.Operations] on the engine's latest state and appends what it changes,
/// unlogged, in one batch with the `AppliedState`: the engine always knows exactly which commands
/// it holds, and after a crash the Raft log replays the others. Commands that read nothing (a plain
/// SET) share a batch. `RequestTable` remembers answers, so that a retried write happens once.
/// [GroupReads] is how frontends read what it has applied.
///
/// An `EngineImage` streams the content to a member that lags; an `EngineInstallation` builds an
/// engine from it beside the one in service, which `GroupFiles` then points to. `PinnedEngine`
/// keeps an engine open as long as a reader or an image uses it. `FORMAT.md` beside this file has
/// all that is persisted.
///
/// Threads: the group's apply strand changes things, readers come from any thread.
///
/// Read first: [StrongStateMachine].
@NullMarked
package dev.henge.consensus.strong;

import org.jspecify.annotations.NullMarked;
