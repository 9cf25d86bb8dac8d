package dev.henge.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/// A random sequence of steps, the same for the same seed and profile, to be run by [HistoryRunner]
/// or [CrashHarness] on any engine.
///
/// @param keys all keys that the steps write
@NullMarked
record History(long seed, List<byte[]> keys, List<Step> steps) {
  /// One thing that a user of an engine does.
  sealed interface Step {}

  /// @param awaited whether its acknowledgement is waited for before the next step
  record Write(WriteBatch batch, LogMode mode, boolean awaited) implements Step {}

  /// Waits for every append so far.
  record Await() implements Step {}

  record Get(byte[] key) implements Step {
    @Override
    public String toString() {
      return "Get[" + show(key) + "]";
    }
  }

  record Walk(List<Move> moves) implements Step {}

  record OpenSnapshot() implements Step {}

  /// @param which counted modulo the open ones
  record WalkSnapshot(int which, List<Move> moves) implements Step {}

  record CloseSnapshot(int which) implements Step {}

  record SyncLog() implements Step {}

  record Flush() implements Step {}

  record Compact() implements Step {}

  record Reopen() implements Step {}

  record Checkpoint() implements Step {}

  /// Lets up to so many background tasks run.
  record Background(int tasks) implements Step {}

  /// One movement of a cursor; `key` is only read by the seeks.
  record Move(Direction direction, byte[] key) {
    @Override
    public String toString() {
      return direction + " " + show(key);
    }
  }

  enum Direction {
    SEEK,
    SEEK_FOR_PREVIOUS,
    FIRST,
    LAST,
    NEXT,
    PREVIOUS
  }

  /// Which steps, and how large.
  ///
  /// @param keyCount distinct keys
  /// @param valueBytesMax the largest values; most are far smaller
  /// @param unlogged all writes go around the log ([LogMode#NONE])
  /// @param reads whether there are reading steps
  record Profile(int stepCount, int keyCount, int valueBytesMax, boolean unlogged, boolean reads) {
    static Profile model(int stepCount, boolean unlogged) {
      return new Profile(stepCount, 250, 100_000, unlogged, true);
    }

    static Profile crash(int stepCount, boolean unlogged) {
      return new Profile(stepCount, 60, 3_000, unlogged, false);
    }
  }

  static History random(long seed, Profile profile) {
    return new Generator(seed, profile).generate();
  }

  /// Whether its writes go through the engine's log.
  boolean logged() {
    return steps.stream()
        .noneMatch(step -> step instanceof Write write && write.mode() == LogMode.NONE);
  }

  /// A key or value short enough to print.
  static String show(byte[] bytes) {
    var text = new StringBuilder();
    for (int i = 0; i < Math.min(bytes.length, 24); i++) {
      text.append(
          bytes[i] > 32 && bytes[i] < 127 ? "" + (char) bytes[i] : "\\%02x".formatted(bytes[i]));
    }
    return bytes.length > 24 ? text + "...(" + bytes.length + " bytes)" : "'" + text + "'";
  }

  private static final class Generator {
    private final long seed;
    private final Profile profile;
    private final SplittableRandom random;
    private final List<byte[]> keys = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    Generator(long seed, Profile profile) {
      this.seed = seed;
      this.profile = profile;
      this.random = new SplittableRandom(seed);
    }

    History generate() {
      makeKeys();
      // A few heavy steps are enough: each one rewrites much.
      while (steps.size() < profile.stepCount) {
        int dice = random.nextInt(1000);
        if (dice < 8) {
          steps.add(new Flush());
        } else if (dice < 10) {
          steps.add(new Compact());
        } else if (dice < 14) {
          steps.add(new Reopen());
        } else if (dice < 17) {
          steps.add(new Checkpoint());
        } else if (dice < 30) {
          steps.add(new SyncLog());
        } else if (dice < 80) {
          steps.add(new Await());
        } else if (dice < 140) {
          steps.add(new Background(random.nextInt(4) == 0 ? 1000 : 1));
        } else if (profile.reads && dice < 400) {
          read(dice);
        } else {
          steps.add(write());
        }
      }
      return new History(seed, List.copyOf(keys), List.copyOf(steps));
    }

    private void read(int dice) {
      if (dice < 300) {
        steps.add(new Get(anyKey()));
      } else if (dice < 350) {
        steps.add(new Walk(moves()));
      } else if (dice < 362) {
        steps.add(new OpenSnapshot());
      } else if (dice < 390) {
        steps.add(new WalkSnapshot(random.nextInt(100), moves()));
      } else {
        steps.add(new CloseSnapshot(random.nextInt(100)));
      }
    }

    private Write write() {
      var batch = new WriteBatch();
      int count = random.nextInt(12) == 0 ? 30 : 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        int dice = random.nextInt(100);
        if (dice < 72) {
          batch.put(key(), value());
        } else if (dice < 94) {
          batch.delete(key());
        } else {
          range(batch);
        }
      }
      LogMode mode =
          profile.unlogged
              ? LogMode.NONE
              : random.nextInt(3) == 0 ? LogMode.UNSYNCED : LogMode.SYNCED;
      return new Write(batch, mode, random.nextInt(4) != 0);
    }

    /// Mostly narrow: wide ones would keep the store empty.
    private void range(WriteBatch batch) {
      byte[] start = anyKey();
      byte[] end;
      if (random.nextInt(6) == 0) {
        end = anyKey();
      } else {
        int at = Math.min(keys.size() - 1, Math.abs(find(start)) + 1 + random.nextInt(6));
        end = keys.get(at);
      }
      int order = Arrays.compareUnsigned(start, end);
      if (order == 0) {
        end = Arrays.copyOf(start, start.length + 1);
      }
      batch.deleteRange(order <= 0 ? start : end, order <= 0 ? end : start);
    }

    private int find(byte[] key) {
      for (int i = 0; i < keys.size(); i++) {
        if (Arrays.compareUnsigned(keys.get(i), key) >= 0) {
          return i;
        }
      }
      return keys.size() - 1;
    }

    private List<Move> moves() {
      var moves = new ArrayList<Move>();
      boolean forward = random.nextBoolean();
      moves.add(new Move(jump(), anyKey()));
      for (int i = random.nextInt(30); i > 0; i--) {
        if (random.nextInt(6) == 0) {
          forward = !forward;
        }
        moves.add(
            random.nextInt(15) == 0
                ? new Move(jump(), anyKey())
                : new Move(forward ? Direction.NEXT : Direction.PREVIOUS, new byte[0]));
      }
      return moves;
    }

    private Direction jump() {
      return switch (random.nextInt(10)) {
        case 0 -> Direction.FIRST;
        case 1 -> Direction.LAST;
        case 2, 3, 4, 5 -> Direction.SEEK;
        default -> Direction.SEEK_FOR_PREVIOUS;
      };
    }

    private byte[] key() {
      // Few keys take most writes, so that versions pile up.
      int bound = random.nextInt(3) == 0 ? keys.size() : Math.max(1, keys.size() / 5);
      return keys.get((random.nextInt(bound) * 7) % keys.size());
    }

    /// A key of the set, or one close to it.
    private byte[] anyKey() {
      byte[] key = keys.get(random.nextInt(keys.size()));
      return switch (random.nextInt(6)) {
        case 0 -> Arrays.copyOf(key, key.length + 1);
        case 1 -> key.length == 0 ? key : Arrays.copyOf(key, key.length - 1);
        case 2 -> {
          byte[] other = key.clone();
          if (other.length > 0) {
            other[other.length - 1] += random.nextBoolean() ? 1 : -1;
          }
          yield other;
        }
        default -> key;
      };
    }

    private byte[] value() {
      int most =
          switch (random.nextInt(400)) {
            case 0 -> profile.valueBytesMax;
            case 1, 2, 3, 4, 5, 6 -> Math.min(5_000, profile.valueBytesMax);
            default -> 60;
          };
      var value = new byte[random.nextInt(most + 1)];
      random.nextBytes(value);
      if (random.nextBoolean()) {
        Arrays.fill(value, value.length / 3, value.length, (byte) 'x');
      }
      return value;
    }

    private void makeKeys() {
      var made = new TreeSet<byte[]>(Arrays::compareUnsigned);
      made.add(new byte[0]);
      made.add(new byte[] {0});
      made.add(new byte[] {0, 0});
      made.add(new byte[] {(byte) 0xff});
      made.add(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
      byte[] prefix = "shared/prefix/of/many/keys/".getBytes(StandardCharsets.UTF_8);
      while (made.size() < profile.keyCount) {
        switch (random.nextInt(20)) {
          case 0 -> made.add(randomBytes(1 + random.nextInt(3)));
          case 1 -> made.add(randomBytes(200 + random.nextInt(2_000)));
          case 2, 3, 4 -> made.add(randomBytes(1 + random.nextInt(30)));
          default -> {
            byte[] tail = Integer.toString(random.nextInt(3000)).getBytes(StandardCharsets.UTF_8);
            byte[] key = Arrays.copyOf(prefix, prefix.length + tail.length);
            System.arraycopy(tail, 0, key, prefix.length, tail.length);
            made.add(key);
          }
        }
      }
      if (profile.valueBytesMax >= 100_000) {
        byte[] huge = Arrays.copyOf(prefix, 100_000);
        made.add(huge);
      }
      keys.addAll(made);
    }

    private byte[] randomBytes(int count) {
      var bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] =
            switch (random.nextInt(4)) {
              case 0 -> 0;
              case 1 -> (byte) 0xff;
              default -> (byte) random.nextInt(256);
            };
      }
      return bytes;
    }
  }
}
