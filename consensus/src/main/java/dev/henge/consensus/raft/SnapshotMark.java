package dev.henge.consensus.raft;

/// The point up to which a state machine's image, not the log, holds what happened.
///
/// @param index of the last entry in the image; 0 with term 0 for the empty beginning
/// @param term of that entry
/// @param configuration as of that entry
public record SnapshotMark(long index, long term, Configuration configuration) {}
