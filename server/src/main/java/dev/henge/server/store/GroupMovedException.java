package dev.henge.server.store;

/// The group is no longer evaluated here alone: nothing was done, ask the keyspace again where it
/// is. Thrown in the middle of ordinary work, so it carries no stack.
public final class GroupMovedException extends RuntimeException {
  static final GroupMovedException INSTANCE = new GroupMovedException();

  private GroupMovedException() {
    super("the group has moved", null, false, false);
  }
}
