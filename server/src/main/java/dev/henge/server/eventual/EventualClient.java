package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.replication.causality.ContextToken;
import dev.henge.replication.causality.ContextToken.ContextException;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.Change;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Eventual keyspaces for frontends: requests about one key with the contexts of clients, and
/// operations without.
///
/// - Threads: any; nothing blocks. Listeners are called once, on any thread, also before the call
///   returns.
public final class EventualClient {
  private static final int TAG_BYTES = 12;

  private final EventualKeyspaces keyspaces;
  private final Supplier<Reply.@Nullable Failure> refusal;
  private final Clock clock;
  private final ContextToken contexts;
  private final SiblingWarnings warnings;
  private final PlainOperations plain;

  /// @param refusal why this node serves nothing; gives null while it serves
  public EventualClient(
      EventualKeyspaces keyspaces, Supplier<Reply.@Nullable Failure> refusal, Clock clock) {
    this.keyspaces = keyspaces;
    this.refusal = refusal;
    this.clock = clock;
    this.contexts = new ContextToken(keyspaces.clusterId());
    this.warnings = new SiblingWarnings(clock);
    this.plain = new PlainOperations(keyspaces, clock, warnings);
  }

  /// Writes since the start that left so many siblings that somebody should look.
  public long siblingWarningCount() {
    return warnings.count();
  }

  /// The keys of eventual keyspaces that this node is asked for most, most first.
  public List<HotKeys.Rate> hotKeys(int count) {
    return keyspaces.hotKeys(count);
  }

  /// Does an operation that knows nothing of contexts. Of those that an eventual keyspace cannot
  /// carry, the answer is a failure that says so.
  public void evaluate(Operation operation, Asking asking, Consumer<Reply> done) {
    EventualPolicy policy = keyspaces.policy(asking.keyspaceId());
    Reply.Failure refused = refused(asking, policy);
    if (refused != null || policy == null) {
      done.accept(refused == null ? EventualFailures.NOT_HERE : refused);
      return;
    }
    plain.evaluate(operation, asking, levels(asking, policy), done);
  }

  /// Reads a key.
  ///
  /// @param done hears [KeyAnswer.Seen], or why not
  public void read(byte[] key, Asking asking, Consumer<KeyAnswer> done) {
    Levels levels = levels(key, 0, asking, done);
    if (levels == null) {
      return;
    }
    execute(
        key,
        new Request.Read(levels.read()),
        asking,
        answer -> {
          if (answer instanceof Answer.Found(Versions versions, int copies)) {
            done.accept(
                new KeyAnswer.Seen(
                    Live.of(versions, clock.wallMillis()),
                    contexts.write(asking.keyspaceId(), key, versions.seen()),
                    tag(versions, clock.wallMillis()),
                    copies));
          } else {
            done.accept(new KeyAnswer.Failed(EventualFailures.of(answer)));
          }
        });
  }

  /// Writes a key.
  ///
  /// @param context as an earlier answer had it; null where the client has read nothing
  /// @param expiry [Expiry.Keep] keeps that of the one value that is there
  /// @param done hears [KeyAnswer.Done], or why not
  public void put(
      byte[] key,
      byte[] value,
      @Nullable String context,
      Expiry expiry,
      Asking asking,
      Consumer<KeyAnswer> done) {
    Levels levels = levels(key, value.length, asking, done);
    if (levels == null) {
      return;
    }
    VersionVector read = null;
    if (context != null) {
      try {
        read = contexts.read(asking.keyspaceId(), key, context);
      } catch (ContextException refused) {
        done.accept(badContext(refused));
        return;
      }
    }
    VersionVector known = read;
    plain.whenExpiryKnown(
        key,
        expiry,
        asking,
        levels,
        millis ->
            execute(
                key,
                new Request.Write(new Change.Put(known, 0, millis, value), levels.write()),
                asking,
                answer -> done.accept(done(key, asking, answer))),
        failure -> done.accept(new KeyAnswer.Failed(failure)));
  }

  /// Deletes what the context has seen; without one, what as many copies know of as a read asks.
  ///
  /// @param done hears [KeyAnswer.Done], or why not
  public void delete(
      byte[] key, @Nullable String context, Asking asking, Consumer<KeyAnswer> done) {
    Levels levels = levels(key, 0, asking, done);
    if (levels == null) {
      return;
    }
    Request request;
    if (context == null) {
      request = new Request.Forget(levels.read(), levels.write());
    } else {
      try {
        request = Request.delete(contexts.read(asking.keyspaceId(), key, context), levels.write());
      } catch (ContextException refused) {
        done.accept(badContext(refused));
        return;
      }
    }
    execute(key, request, asking, answer -> done.accept(done(key, asking, answer)));
  }

  private KeyAnswer done(byte[] key, Asking asking, Answer answer) {
    if (!(answer instanceof Answer.Written written)) {
      return new KeyAnswer.Failed(EventualFailures.of(answer));
    }
    warnings.consider(asking, key, written.versions());
    long now = clock.wallMillis();
    VersionVector context = written.versions().writerContext(written.before());
    return new KeyAnswer.Done(
        contexts.write(asking.keyspaceId(), key, context),
        tag(written.versions(), now),
        !written.before().live(now).isEmpty(),
        written.copies(),
        written.hints());
  }

  private static KeyAnswer badContext(ContextException refused) {
    return new KeyAnswer.Failed(
        new Reply.Failure(EventualFailures.BAD_CONTEXT, refused.text() + "; nothing was done"));
  }

  private void execute(byte[] key, Request request, Asking asking, Consumer<Answer> done) {
    keyspaces.execute(asking.keyspaceId(), key, request, asking.timeoutMillis(), done);
  }

  /// What a request asks, once it is known that it can be; null where `done` has heard why not.
  private @Nullable Levels levels(
      byte[] key, int valueBytes, Asking asking, Consumer<KeyAnswer> done) {
    EventualPolicy policy = keyspaces.policy(asking.keyspaceId());
    Reply.Failure refused = refused(asking, policy);
    if (refused == null) {
      refused = PlainOperations.tooLarge(key, valueBytes, asking);
    }
    if (refused != null || policy == null) {
      done.accept(new KeyAnswer.Failed(refused == null ? EventualFailures.NOT_HERE : refused));
      return null;
    }
    return levels(asking, policy);
  }

  /// Why nobody is asked at all; null where somebody is.
  private Reply.@Nullable Failure refused(Asking asking, @Nullable EventualPolicy policy) {
    Reply.Failure none = refusal.get();
    if (none != null) {
      return none;
    }
    return policy == null ? EventualFailures.NOT_HERE : impossible(asking, policy);
  }

  private static Levels levels(Asking asking, EventualPolicy policy) {
    Level read = asking.read();
    Level write = asking.write();
    return new Levels(read == null ? policy.read() : read, write == null ? policy.write() : write);
  }

  /// Why no such level can be met, ever; null where it can.
  private static Reply.@Nullable Failure impossible(Asking asking, EventualPolicy policy) {
    Level read = asking.read();
    Level write = asking.write();
    if (read != null && read.kind() == Level.Kind.COUNT && read.count() > policy.copies()) {
      return EventualFailures.impossible("R", read, asking, policy.copies());
    }
    if (write != null && write.kind() == Level.Kind.COUNT && write.count() > policy.copies()) {
      return EventualFailures.impossible("W", write, asking, policy.copies());
    }
    return null;
  }

  /// Names what lives by its dots, which name writes. Of a counter that is its parts.
  private static String tag(Versions versions, long now) {
    List<Version> live = versions.live(now);
    if (live.isEmpty()) {
      return "";
    }
    var dots = ByteBuffer.allocate(live.size() * 2 * Long.BYTES);
    for (Version version : live) {
      dots.putLong(version.dot().replica()).putLong(version.dot().counter());
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(dots.array());
      byte[] head = Arrays.copyOf(digest, TAG_BYTES);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(head);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// What a request asks, whoever chose it.
  record Levels(Level read, Level write) {}
}
