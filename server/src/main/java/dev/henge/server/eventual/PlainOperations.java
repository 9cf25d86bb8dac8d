package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Glob;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.Change;
import dev.henge.server.eventual.EventualClient.Levels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Operations of clients that know nothing of contexts, as requests to replicas. What needs one
/// value and finds several is refused by name: no conflict is hidden.
///
/// - Threads: any; nothing blocks.
final class PlainOperations {
  private final EventualKeyspaces keyspaces;
  private final Clock clock;
  private final SiblingWarnings warnings;

  PlainOperations(EventualKeyspaces keyspaces, Clock clock, SiblingWarnings warnings) {
    this.keyspaces = keyspaces;
    this.clock = clock;
    this.warnings = warnings;
  }

  void evaluate(Operation operation, Asking asking, Levels levels, Consumer<Reply> done) {
    switch (operation) {
      case Operation.Get(byte[] key) -> one(key, asking, levels, done, PlainOperations::bytes);
      case Operation.StringLength(byte[] key) ->
          one(
              key,
              asking,
              levels,
              done,
              value -> new Reply.Number(value == null ? 0 : value.bytes().length));
      case Operation.ExpiryOf(byte[] key) ->
          one(key, asking, levels, done, value -> expiry(value, 0));
      case Operation.RemainingOf(byte[] key) ->
          one(key, asking, levels, done, value -> expiry(value, clock.wallMillis()));
      case Operation.TypeOf(byte[] key) -> type(key, asking, levels, done);
      case Operation.GetMany(List<byte[]> keys) -> getMany(keys, asking, levels, done);
      case Operation.CountExisting(List<byte[]> keys) -> exist(keys, asking, levels, done);
      case Operation.Set set -> set(set, asking, levels, done);
      case Operation.SetMany many -> setMany(many, asking, levels, done);
      case Operation.Delete(List<byte[]> keys) -> delete(keys, asking, levels, done);
      case Operation.Increment(byte[] key, long delta, boolean decrement) ->
          increment(key, delta, asking, levels, done);
      case Operation.Expire expire -> expire(expire, asking, levels, done);
      case Operation.Persist(byte[] key) -> persist(key, asking, levels, done);
      case Operation.Scan scan -> scan(scan, asking, done);
      case Operation.CountKeys count ->
          keyspaces.count(
              asking.keyspaceId(),
              asking.timeoutMillis(),
              answer ->
                  done.accept(
                      answer instanceof KeysAnswer.Count(long keys)
                          ? new Reply.Number(keys)
                          : EventualFailures.of(answer)));
      default -> done.accept(EventualFailures.NOT_EVENTUAL);
    }
  }

  /// What a key with at most one value answers.
  private interface Translation {
    Reply of(Live.@Nullable Value value);
  }

  private void one(
      byte[] key, Asking asking, Levels levels, Consumer<Reply> done, Translation translation) {
    read(
        key,
        asking,
        levels,
        answer ->
            done.accept(
                answer instanceof Answer.Found(Versions versions, int copies)
                    ? translated(key, versions, translation)
                    : EventualFailures.of(answer)));
  }

  private Reply translated(byte[] key, Versions versions, Translation translation) {
    Live live = live(versions);
    if (live.values().size() > 1) {
      return EventualFailures.siblings(key, live.values().size());
    }
    return translation.of(live.isEmpty() ? null : live.one());
  }

  private static Reply bytes(Live.@Nullable Value value) {
    return value == null ? Reply.NOTHING : new Reply.Bytes(value.bytes());
  }

  /// @param from what the answer counts from
  private static Reply expiry(Live.@Nullable Value value, long from) {
    if (value == null) {
      return new Reply.Number(-2);
    }
    return new Reply.Number(value.expiryMillis() == 0 ? -1 : value.expiryMillis() - from);
  }

  private void type(byte[] key, Asking asking, Levels levels, Consumer<Reply> done) {
    read(
        key,
        asking,
        levels,
        answer -> {
          if (!(answer instanceof Answer.Found(Versions versions, int copies))) {
            done.accept(EventualFailures.of(answer));
            return;
          }
          Live live = live(versions);
          long kinds = live.values().stream().map(Live.Value::counter).distinct().count();
          done.accept(
              kinds > 1
                  ? EventualFailures.siblings(key, live.values().size())
                  : new Reply.Word(
                      live.isEmpty() ? "none" : live.one().counter() ? COUNTER : STRING));
        });
  }

  private static final String STRING = "string";
  private static final String COUNTER = "counter";

  private void getMany(List<byte[]> keys, Asking asking, Levels levels, Consumer<Reply> done) {
    FanOut.run(
        keys.size(),
        (index, heard) -> read(keys.get(index), asking, levels, heard),
        answers -> {
          List<Reply> values = new ArrayList<>(answers.size());
          for (int i = 0; i < answers.size(); i++) {
            Reply value =
                answers.get(i) instanceof Answer.Found(Versions versions, int copies)
                    ? translated(keys.get(i), versions, PlainOperations::bytes)
                    : EventualFailures.of(answers.get(i));
            if (value instanceof Reply.Failure) {
              done.accept(value);
              return;
            }
            values.add(value);
          }
          done.accept(new Reply.Many(values));
        });
  }

  private void exist(List<byte[]> keys, Asking asking, Levels levels, Consumer<Reply> done) {
    FanOut.run(
        keys.size(),
        (index, heard) -> read(keys.get(index), asking, levels, heard),
        answers -> {
          long count = 0;
          for (Answer answer : answers) {
            if (!(answer instanceof Answer.Found(Versions versions, int copies))) {
              done.accept(EventualFailures.of(answer));
              return;
            }
            count += live(versions).isEmpty() ? 0 : 1;
          }
          done.accept(new Reply.Number(count));
        });
  }

  private void set(Operation.Set set, Asking asking, Levels levels, Consumer<Reply> done) {
    if (set.previous() || !set.condition().equals(Condition.ALWAYS)) {
      done.accept(EventualFailures.NO_CONDITIONS);
      return;
    }
    Reply.Failure tooLarge = tooLarge(set.key(), set.value().length, asking);
    if (tooLarge != null) {
      done.accept(tooLarge);
      return;
    }
    whenExpiryKnown(
        set.key(),
        set.expiry(),
        asking,
        levels,
        millis ->
            write(
                set.key(),
                new Change.Put(null, 0, millis, set.value()),
                asking,
                levels,
                answer ->
                    done.accept(
                        answer instanceof Answer.Written
                            ? new Reply.Written(true, 0, null)
                            : EventualFailures.of(answer))),
        done::accept);
  }

  /// When an object written now with `expiry` expires.
  ///
  /// @param known hears wall-clock milliseconds since the epoch; 0 for never
  /// @param failed hears why it cannot be known
  void whenExpiryKnown(
      byte[] key,
      Expiry expiry,
      Asking asking,
      Levels levels,
      LongConsumer known,
      Consumer<Reply.Failure> failed) {
    long now = clock.wallMillis();
    switch (expiry) {
      case Expiry.None none -> known.accept(untilDefault(asking, now));
      case Expiry.At(long millis) -> known.accept(millis);
      case Expiry.In(long millis) -> known.accept(now + millis);
      case Expiry.Keep keep ->
          read(
              key,
              asking,
              levels,
              answer -> {
                if (!(answer instanceof Answer.Found(Versions versions, int copies))) {
                  failed.accept(EventualFailures.of(answer));
                  return;
                }
                Live live = live(versions);
                if (live.values().size() > 1) {
                  failed.accept(EventualFailures.siblings(key, live.values().size()));
                } else {
                  known.accept(
                      live.isEmpty() ? untilDefault(asking, now) : live.one().expiryMillis());
                }
              });
    }
  }

  private static long untilDefault(Asking asking, long now) {
    long ttlMillis = asking.limits().defaultTtlMillis();
    return ttlMillis == 0 ? 0 : now + ttlMillis;
  }

  private void setMany(Operation.SetMany many, Asking asking, Levels levels, Consumer<Reply> done) {
    if (many.onlyIfAbsent()) {
      done.accept(EventualFailures.NOT_EVENTUAL);
      return;
    }
    // The last value of a key that stands there twice, as if they had been set in turn.
    Map<ByteBuffer, byte[]> values = new LinkedHashMap<>();
    List<byte[]> parts = many.keysAndValues();
    for (int i = 0; i < parts.size(); i += 2) {
      Reply.Failure tooLarge = tooLarge(parts.get(i), parts.get(i + 1).length, asking);
      if (tooLarge != null) {
        done.accept(tooLarge);
        return;
      }
      values.put(ByteBuffer.wrap(parts.get(i)), parts.get(i + 1));
    }
    long expiryMillis = untilDefault(asking, clock.wallMillis());
    List<byte[]> keys = values.keySet().stream().map(ByteBuffer::array).toList();
    FanOut.run(
        keys.size(),
        (index, heard) -> {
          byte[] value = values.get(ByteBuffer.wrap(keys.get(index)));
          var put = new Change.Put(null, 0, expiryMillis, value == null ? NOTHING : value);
          write(keys.get(index), put, asking, levels, heard);
        },
        answers -> {
          Reply.Failure failure = failure(keys, answers);
          done.accept(failure == null ? Reply.OK : failure);
        });
  }

  private static final byte[] NOTHING = {};

  private void delete(List<byte[]> all, Asking asking, Levels levels, Consumer<Reply> done) {
    Set<ByteBuffer> distinct = new LinkedHashSet<>();
    all.forEach(key -> distinct.add(ByteBuffer.wrap(key)));
    List<byte[]> keys = distinct.stream().map(ByteBuffer::array).toList();
    var forget = new Request.Forget(levels.read(), levels.write());
    FanOut.run(
        keys.size(),
        (index, heard) -> execute(keys.get(index), forget, asking, heard),
        answers -> {
          Reply.Failure failure = failure(keys, answers);
          if (failure != null) {
            done.accept(failure);
            return;
          }
          done.accept(
              new Reply.Number(answers.stream().filter(answer -> replacedAny(answer)).count()));
        });
  }

  private boolean replacedAny(Answer answer) {
    return answer instanceof Answer.Written written && !live(written.before()).isEmpty();
  }

  /// Why not all of several writes are done; null where they are.
  private static Reply.@Nullable Failure failure(List<byte[]> keys, List<Answer> answers) {
    int first = -1;
    int done = 0;
    boolean certain = true;
    for (int i = 0; i < answers.size(); i++) {
      boolean written = answers.get(i) instanceof Answer.Written;
      done += written ? 1 : 0;
      certain &= !(answers.get(i) instanceof Answer.Unknown);
      first = first < 0 && !written ? i : first;
    }
    if (first < 0) {
      return null;
    }
    Reply.Failure why = EventualFailures.of(answers.get(first));
    boolean nothingDone = done == 0 && certain;
    return keys.size() == 1 || nothingDone
        ? why
        : EventualFailures.partly(done, keys.size(), keys.get(first), why);
  }

  private void increment(
      byte[] key, long delta, Asking asking, Levels levels, Consumer<Reply> done) {
    Reply.Failure tooLarge = tooLarge(key, 0, asking);
    if (tooLarge != null) {
      done.accept(tooLarge);
      return;
    }
    write(
        key,
        new Change.Add(delta),
        asking,
        levels,
        answer ->
            done.accept(
                answer instanceof Answer.Written written
                    ? new Reply.Number(sum(written.versions()))
                    : EventualFailures.of(answer)));
  }

  private long sum(Versions versions) {
    return live(versions).values().stream()
        .filter(Live.Value::counter)
        .mapToLong(Live.Value::sum)
        .sum();
  }

  private void expire(Operation.Expire expire, Asking asking, Levels levels, Consumer<Reply> done) {
    if (!expire.condition().equals(Operation.ExpireCondition.ALWAYS)) {
      done.accept(EventualFailures.NO_EXPIRE_CONDITIONS);
      return;
    }
    // 0 would be never: what has expired long ago is gone just as well.
    long millis =
        Math.max(
            1,
            switch (expire.expiry()) {
              case Expiry.At(long at) -> at;
              case Expiry.In(long in) -> clock.wallMillis() + in;
              case Expiry.None none -> throw new IllegalStateException("EXPIRE names a time");
              case Expiry.Keep keep -> throw new IllegalStateException("EXPIRE names a time");
            });
    alter(
        expire.key(), new Change.Expire(millis), asking, levels, done, before -> !before.isEmpty());
  }

  private void persist(byte[] key, Asking asking, Levels levels, Consumer<Reply> done) {
    alter(
        key,
        new Change.Expire(0),
        asking,
        levels,
        done,
        before -> !before.isEmpty() && before.one().expiryMillis() != 0);
  }

  /// Whether what was there before has been changed.
  private interface Changed {
    boolean by(Live before);
  }

  private void alter(
      byte[] key,
      Change change,
      Asking asking,
      Levels levels,
      Consumer<Reply> done,
      Changed changed) {
    execute(
        key,
        new Request.Alter(change, levels.read(), levels.write()),
        asking,
        answer ->
            done.accept(
                answer instanceof Answer.Written written
                    ? changed.by(live(written.before())) ? Reply.ONE : Reply.ZERO
                    : EventualFailures.of(answer)));
  }

  private void scan(Operation.Scan scan, Asking asking, Consumer<Reply> done) {
    byte[] pattern = scan.pattern();
    Glob glob = pattern == null ? null : new Glob(pattern);
    Version.Kind kind = kind(scan.type());
    boolean nothing = scan.type() != null && kind == null;
    keyspaces.page(
        asking.keyspaceId(),
        scan.from(),
        scan.count(),
        asking.timeoutMillis(),
        answer -> {
          if (!(answer instanceof KeysAnswer.Page page)) {
            done.accept(EventualFailures.of(answer));
            return;
          }
          List<Reply.Bytes> keys = new ArrayList<>(page.keys().size());
          for (KeysAnswer.LiveKey each : page.keys()) {
            boolean wanted = !nothing && (kind == null || each.kinds().contains(kind));
            if (wanted
                && startsWith(each.key(), scan.prefix())
                && (glob == null || glob.matches(each.key()))) {
              keys.add(new Reply.Bytes(each.key()));
            }
          }
          done.accept(new Reply.ScanPage(keys, page.next()));
        });
  }

  private static Version.@Nullable Kind kind(@Nullable String type) {
    if (type == null) {
      return null;
    }
    return switch (type.toLowerCase(Locale.ROOT)) {
      case STRING -> Version.Kind.STRING;
      case COUNTER -> Version.Kind.COUNTER;
      default -> null;
    };
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && ByteBuffer.wrap(key, 0, prefix.length).equals(ByteBuffer.wrap(prefix));
  }

  /// Why no such key and value can be written; null where they can.
  static Reply.@Nullable Failure tooLarge(byte[] key, int valueBytes, Asking asking) {
    int keyBytesMax = asking.limits().keyBytesMax();
    int valueBytesMax = asking.limits().valueBytesMax();
    if (key.length > keyBytesMax) {
      return EventualFailures.tooLong("key", key.length, keyBytesMax);
    }
    return valueBytes > valueBytesMax
        ? EventualFailures.tooLong("value", valueBytes, valueBytesMax)
        : null;
  }

  private Live live(Versions versions) {
    return Live.of(versions, clock.wallMillis());
  }

  private void read(byte[] key, Asking asking, Levels levels, Consumer<Answer> done) {
    execute(key, new Request.Read(levels.read()), asking, done);
  }

  private void write(
      byte[] key, Change change, Asking asking, Levels levels, Consumer<Answer> done) {
    execute(
        key,
        new Request.Write(change, levels.write()),
        asking,
        answer -> {
          if (answer instanceof Answer.Written written) {
            warnings.consider(asking, key, written.versions());
          }
          done.accept(answer);
        });
  }

  private void execute(byte[] key, Request request, Asking asking, Consumer<Answer> done) {
    keyspaces.execute(asking.keyspaceId(), key, request, asking.timeoutMillis(), done);
  }
}
