package dev.henge.storage;

/// A reader without [Access#DISK] needs the disk. Not a failure: the caller repeats the read where
/// it may block. One shared instance without a stack, because it is thrown on hot paths, through
/// code (pure operations) that should not have to know of it.
public final class NotInMemoryException extends RuntimeException {
  public static final NotInMemoryException INSTANCE = new NotInMemoryException();

  private NotInMemoryException() {
    super("the data is not in memory", null, false, false);
  }
}
