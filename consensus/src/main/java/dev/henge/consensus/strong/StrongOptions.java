package dev.henge.consensus.strong;

import dev.henge.base.Disk;
import dev.henge.base.Threads;
import java.nio.file.Path;

/// What a state machine is given.
///
/// @param directory of the group: made when missing
/// @param engines opens its engines
/// @param background flushes, and closes engines that nobody uses any more; outlives the state
///   machine
/// @param room how writes wait for room
public record StrongOptions(
    Disk disk, Path directory, EngineOpener engines, Threads.Pool background, Room room) {}
