package dev.henge.data.codec;

/// Numbers of operations. Persisted: never renumber, never reuse.
final class OperationCode {
  static final int GET = 1;
  static final int GET_OBJECT = 2;
  static final int GET_MANY = 3;
  static final int GET_RANGE = 4;
  static final int STRING_LENGTH = 5;
  static final int SET = 6;
  static final int SET_MANY = 7;
  static final int GET_AND_DELETE = 8;
  static final int GET_AND_EXPIRE = 9;
  static final int APPEND = 10;
  static final int SET_RANGE = 11;
  static final int INCREMENT = 12;
  static final int INCREMENT_FLOAT = 13;
  static final int GET_BIT = 14;
  static final int SET_BIT = 15;
  static final int BIT_COUNT = 16;
  static final int BIT_POSITION = 17;
  static final int BIT_COMBINE = 18;
  static final int BIT_FIELDS = 19;
  static final int READ_BIT_FIELDS = 20;
  static final int DELETE = 21;
  static final int DELETE_IF = 22;
  static final int COUNT_EXISTING = 23;
  static final int TYPE_OF = 24;
  static final int ENCODING_OF = 25;
  static final int MEMORY_USAGE = 26;
  static final int RENAME = 27;
  static final int COPY = 28;
  static final int EXPIRE = 29;
  static final int EXPIRY_OF = 30;
  static final int REMAINING_OF = 31;
  static final int PERSIST = 32;
  static final int DUMP = 33;
  static final int RESTORE = 34;
  static final int RANDOM_KEY = 35;
  static final int KEYS = 36;
  static final int SCAN = 37;
  static final int COUNT_KEYS = 38;
  static final int COUNT_KEYS_IN_SLOT = 39;
  static final int FLUSH = 40;
  static final int SWAP_DATABASES = 41;
  static final int TRANSACTION = 42;

  private OperationCode() {}
}
