package dev.henge.consensus.log;

/// When an append is told to be done.
public enum Durability {
  /// The device has it: it survives a power loss.
  SYNCED,
  /// The operating system has it: it survives the end of the process, and a power loss once a later
  /// sync has covered it. A changed term or vote is synced all the same.
  WRITTEN
}
