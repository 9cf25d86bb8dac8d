package dev.henge.consensus.strong;

import dev.henge.base.Disk;
import dev.henge.base.DiskFullException;
import dev.henge.base.Invariant;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.DatabaseIds;
import dev.henge.data.KeyspaceSize;
import dev.henge.data.Operation;
import dev.henge.data.Operations;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.EngineStatistics;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One replica of a strong group: evaluates the log's commands in order on an engine.
///
/// - Shape: each command is evaluated on the latest state; what it changes is appended without a
///   log, together with the [AppliedState]. Commands that read nothing are put into one batch. A
///   command that is in the engine already is skipped, so that a log may be replayed from any point
///   at or before the state's.
/// - Time: `now` is that of the entries. Compactions drop an object only when the *durable* state's
///   time is past its end: commands that a crash would replay still find what they found before.
/// - Threads: [#apply], [#advance], [#flush], [#image], [#install] and [#close] on the group's
///   apply strand; the rest from any thread.
/// - Errors: [#apply] throws what stops it: the engine has stopped, a command that this program
///   does not know. While the disk is full it throws [DiskFullException]; given the same commands
///   again it goes on where it stopped and answers all of them.
/// - Lifetime: owns its engine; what of it is not flushed comes back by the log.
public final class StrongStateMachine implements StateMachine, GroupReads {
  /// Bytes of changes that are put into one batch before it is handed over.
  private static final int PENDING_BYTES_MAX = 256 << 10;

  /// Most that one command may change, copies within it included: far below what an engine takes.
  /// Persisted: all replicas must refuse the same.
  private static final int COMMAND_BYTES_MAX = 256 << 20;

  private static final Reply TOO_LARGE =
      new Reply.Failure(
          "ERR", "the command would write more than %d bytes".formatted(COMMAND_BYTES_MAX));

  /// The answer to a command that was applied before this object was made: nobody waits for it.
  private static final Reply APPLIED_BEFORE =
      new Reply.Failure("APPLIED", "the command was done before; its answer is not kept");

  private static final int[] NO_DATABASES = {};
  private static final WriteBatch NO_WRITES = new WriteBatch(0);

  private record Answered(long index, int offset, Reply reply) {}

  // immutable
  private final StrongOptions options;
  private final RequestTable.Bounds requestBounds;
  private final GroupFiles files;
  private final AtomicBoolean flushing = new AtomicBoolean();

  // owned by the apply strand
  private final WriteBatch commandBatch = new WriteBatch(4096);
  private WriteBatch pending = new WriteBatch(PENDING_BYTES_MAX);
  private AppliedState stored;
  private AppliedState state;

  /// What `pending` says of the state, where a try to hand it over failed.
  private @Nullable AppliedState pendingState;

  private RequestTable requests;
  private boolean databasesSwapped;
  private ArrayDeque<Answered> unreported = new ArrayDeque<>();
  private @Nullable IOException broken;
  private boolean closed;

  // written by the apply strand
  private volatile PinnedEngine current;
  private volatile DurableMarks marks;
  private volatile @Nullable SnapshotMark installedMark;
  private volatile long appliedIndex;
  private volatile long nowMillis;
  private volatile int[] databaseIds;

  /// Why flushing has ended for good.
  private volatile @Nullable IOException flushFailure;

  /// Odd while the stored ids have changed and `databaseIds` has not.
  private volatile int databaseIdsVersion;

  private StrongStateMachine(
      StrongOptions options,
      RequestTable.Bounds requestBounds,
      GroupFiles files,
      PinnedEngine engine,
      @Nullable SnapshotMark installedMark)
      throws IOException {
    this.options = options;
    this.requestBounds = requestBounds;
    this.files = files;
    this.current = engine;
    this.installedMark = installedMark;
    try (Reader reader = engine.engine().latest(Access.DISK)) {
      this.state = AppliedState.load(reader);
      this.databaseIds = DatabaseIds.load(reader);
      this.requests = RequestTable.load(reader, requestBounds);
    } catch (EngineException unreadable) {
      throw unreadable.getCause();
    }
    this.stored = state;
    this.marks = new DurableMarks(state);
    this.appliedIndex = state.wholeIndex();
    this.nowMillis = state.nowMillis();
    engine.garbageUntil(state.nowMillis());
  }

  /// Opens the group's replica, making an empty one where there is none.
  ///
  /// @throws dev.henge.base.CorruptionException when what is there is damaged
  public static StrongStateMachine open(StrongOptions options) throws IOException {
    return open(options, RequestTable.BOUNDS);
  }

  static StrongStateMachine open(StrongOptions options, RequestTable.Bounds requestBounds)
      throws IOException {
    var files = new GroupFiles(options.disk(), options.directory());
    files.make();
    GroupFiles.Current current = files.read();
    files.removeLeftovers(current);
    Path directory = current == null ? files.fresh() : current.engine();
    PinnedEngine engine = PinnedEngine.open(directory, files, options);
    try {
      if (current == null) {
        files.write(new GroupFiles.Current(directory, null, null));
      }
      return new StrongStateMachine(
          options, requestBounds, files, engine, current == null ? null : current.mark());
    } catch (IOException | RuntimeException e) {
      closeAfter(engine, e);
      throw e;
    }
  }

  /// Whether a group's directory holds a replica.
  public static boolean exists(Disk disk, Path directory) {
    return disk.exists(directory.resolve(GroupFiles.CURRENT));
  }

  /// Turns a local group's engine into the first replica of this group, at applied index 1 of term
  /// 1: from now on it has no log of its own. Its directory stays where it is.
  ///
  /// A crash before the end leaves the local group as it was; afterwards [#open] opens it.
  ///
  /// @param engineDirectory of an engine that was synced and closed; outside of the group's
  ///   directory
  /// @param wallMillis the group's first time
  public static StrongStateMachine found(
      StrongOptions options, Path engineDirectory, long wallMillis) throws IOException {
    var files = new GroupFiles(options.disk(), options.directory());
    files.make();
    Invariant.check(files.read() == null, "a group is founded once");
    files.removeLeftovers(null);
    PinnedEngine engine = PinnedEngine.open(engineDirectory, files, options);
    try {
      long revision = engine.engine().lastSequence() + 1;
      var state = new AppliedState(1, 1, 0, true, revision, wallMillis);
      var batch = new WriteBatch().put(AppliedState.storedKey(), state.encode());
      Appending.append(engine.engine(), batch, options.room());
      engine.engine().flush();
      files.write(new GroupFiles.Current(engineDirectory, null, null));
      return new StrongStateMachine(options, RequestTable.BOUNDS, files, engine, null);
    } catch (IOException | RuntimeException e) {
      closeAfter(engine, e);
      throw e;
    }
  }

  @Override
  public long appliedIndex() {
    return appliedIndex;
  }

  @Override
  public long durableIndex() {
    return durable().wholeIndex();
  }

  @Override
  public long nowMillis() {
    return nowMillis;
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return installedMark;
  }

  @Override
  public List<Reply> apply(List<Command> commands) throws IOException {
    refuseIfBroken();
    push();
    ArrayDeque<Answered> earlier = unreported;
    unreported = new ArrayDeque<>(commands.size());
    for (Command command : commands) {
      Reply reply = APPLIED_BEFORE;
      if (!state.covers(command.index(), command.offset())) {
        reply = applyNext(command);
      } else if (isFor(earlier.peek(), command)) {
        reply = earlier.remove().reply();
      }
      unreported.add(new Answered(command.index(), command.offset(), reply));
      if (databasesSwapped || pending.byteCount() >= PENDING_BYTES_MAX) {
        push();
      }
    }
    push();
    List<Reply> replies = unreported.stream().map(Answered::reply).toList();
    unreported = new ArrayDeque<>();
    return replies;
  }

  @Override
  public void advance(long index, long term) {
    if (index > state.index() || index == state.index() && !state.complete()) {
      state = new AppliedState(index, term, 0, true, state.revision(), state.nowMillis());
      appliedIndex = index;
    }
  }

  @Override
  public void flush() throws IOException {
    refuseIfBroken();
    IOException failure = flushFailure;
    if (failure != null) {
      throw new IOException(
          "the state could not be made durable: " + failure.getMessage(), failure);
    }
    record();
    PinnedEngine engine = current;
    if (durable().wholeIndex() >= appliedIndex || !flushing.compareAndSet(false, true)) {
      return;
    }
    if (!engine.pin()) {
      flushing.set(false);
      return;
    }
    try {
      options.background().execute(() -> flush(engine));
    } catch (RejectedExecutionException full) {
      flushing.set(false);
      engine.unpin();
    }
  }

  @Override
  public Image image() throws IOException {
    refuseIfBroken();
    record();
    PinnedEngine engine = current;
    Invariant.check(engine.pin(), "the strand's own engine is open");
    try {
      engine.engine().await(engine.engine().lastSequence());
      return new EngineImage(engine, engine.engine().snapshot(), state.wholeIndex());
    } catch (IOException | RuntimeException e) {
      engine.unpin();
      throw e;
    }
  }

  @Override
  public Installation install(SnapshotMark mark) throws IOException {
    refuseIfBroken();
    PinnedEngine building = PinnedEngine.open(files.fresh(), files, options);
    return new EngineInstallation(building, mark, options.room(), this::serve);
  }

  @Override
  public Reply evaluateRead(
      Operation operation,
      int keyspaceId,
      int database,
      Scope.Limits limits,
      long now,
      long seed,
      Access access) {
    Invariant.check(!operation.writes(), "only the log's commands write");
    return read(
        access,
        (reader, ids) -> {
          Scope scope = scope(keyspaceId, database, ids, now, seed, 0, limits);
          return Operations.apply(operation, scope, reader, NO_WRITES);
        });
  }

  @Override
  public State pin() {
    return new Pinned();
  }

  @Override
  public Operation.Watch evaluateWatch(
      byte[] key, int keyspaceId, int database, long now, Access access) {
    return read(
        access,
        (reader, ids) -> {
          Scope scope = scope(keyspaceId, database, ids, now, 0, 0, Scope.Limits.DEFAULT);
          return Operations.watch(database, key, scope, reader);
        });
  }

  @Override
  public long contentHash() {
    AppliedState now = state;
    long content = read(Access.DISK, (reader, ids) -> ContentHash.of(reader, now.nowMillis()));
    return ContentHash.mix(ContentHash.mix(content + now.revision()) + now.nowMillis());
  }

  @Override
  public EngineStatistics statistics() {
    PinnedEngine engine = pinned();
    try {
      return engine.engine().statistics();
    } finally {
      engine.unpin();
    }
  }

  @Override
  public KeyspaceSize size(int database, int walkedMax) {
    PinnedEngine engine = pinned();
    try (Reader reader = engine.engine().latest(Access.DISK)) {
      Scope scope = scope(0, database, databaseIds, nowMillis, 0, 0, Scope.Limits.DEFAULT);
      return KeyspaceSize.of(scope, engine.engine(), reader, walkedMax);
    } finally {
      engine.unpin();
    }
  }

  /// Idempotent. What is not flushed is left to the log.
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      current.letGo(false);
    }
  }

  private Reply applyNext(Command command) throws IOException {
    StrongCommand request = StrongCommand.decode(command.bytes());
    long revision = state.revision() + 1;
    long now = Math.max(state.nowMillis(), command.nowMillis());
    commandBatch.clear();
    Reply reply;
    try (var reader = new PendingReader()) {
      reply = answer(request, command, revision, now, reader);
    } catch (PushFailure failure) {
      throw failure.failure();
    } catch (RuntimeException e) {
      throw new IOException(
          "the command at index %d offset %d cannot be evaluated: %s"
              .formatted(command.index(), command.offset(), e.getMessage()),
          e);
    }
    if (!commandBatch.isEmpty()) {
      pending.append(commandBatch);
    }
    state =
        new AppliedState(command.index(), command.term(), command.offset(), false, revision, now);
    appliedIndex = state.wholeIndex();
    nowMillis = now;
    databasesSwapped = !commandBatch.isEmpty() && request.operation().changesDatabaseIds();
    return reply;
  }

  private Reply answer(
      StrongCommand request, Command command, long revision, long now, Reader reader)
      throws IOException {
    RequestId id = request.requestId();
    long known = id == null ? 0 : requests.revisionOf(id);
    if (known != 0) {
      return RequestTable.reply(known, reader);
    }
    Operation operation = request.operation();
    long seed = ContentHash.mix(command.seed() + command.offset());
    Scope scope =
        scope(
            request.keyspaceId(),
            request.database(),
            databaseIds,
            now,
            seed,
            revision,
            request.limits());
    Reply reply = Operations.apply(operation, scope, reader, commandBatch);
    if (commandBatch.byteCount() > COMMAND_BYTES_MAX) {
      commandBatch.clear();
      reply = TOO_LARGE;
    }
    if (id != null && operation.writes()) {
      requests.add(id, revision, operation, reply, commandBatch).done();
    }
    return reply;
  }

  /// Hands what is pending to the engine, where readers see it.
  private void push() throws IOException {
    if (!pending.isEmpty()) {
      pushWithState();
    }
  }

  /// Makes the engine hold the state as it is, also where nothing was changed since.
  private void record() throws IOException {
    push();
    if (!stored.equals(state)) {
      pushWithState();
    }
  }

  private void pushWithState() throws IOException {
    PinnedEngine engine = current;
    int changes = pending.byteCount();
    if (!state.equals(pendingState)) {
      pending.put(AppliedState.storedKey(), state.encode());
      pendingState = state;
    }
    if (databasesSwapped) {
      databaseIdsChange();
    }
    long sequence = Appending.append(engine.engine(), pending, options.room());
    if (databasesSwapped) {
      try (Reader reader = engine.engine().latest(Access.DISK)) {
        databaseIds = DatabaseIds.load(reader);
      }
      databaseIdsVersion++;
      databasesSwapped = false;
    }
    stored = state;
    pendingState = null;
    marks.add(sequence, state);
    durable();
    if (changes > 4 * PENDING_BYTES_MAX) {
      pending = new WriteBatch(PENDING_BYTES_MAX); // a large command's array is not kept
    } else {
      pending.clear();
    }
  }

  /// From now on until the next version readers load the ids themselves.
  private void databaseIdsChange() {
    if (databaseIdsVersion % 2 == 0) {
      databaseIdsVersion++;
    }
  }

  private AppliedState durable() {
    PinnedEngine engine = current;
    AppliedState durable = marks.durable(engine.engine().flushedSequence());
    engine.garbageUntil(durable.nowMillis());
    return durable;
  }

  private void flush(PinnedEngine engine) {
    try {
      engine.engine().flush();
    } catch (DiskFullException full) {
      // space may return: the next call tries again
    } catch (IOException e) {
      flushFailure = e;
    } finally {
      flushing.set(false);
      engine.unpin();
    }
  }

  /// Switches to an engine that holds an image.
  private void serve(PinnedEngine built, SnapshotMark mark) throws IOException {
    PinnedEngine old = current;
    AppliedState installed;
    RequestTable answers;
    int[] ids;
    try (Reader reader = built.engine().latest(Access.DISK)) {
      installed = AppliedState.load(reader);
      answers = RequestTable.load(reader, requestBounds);
      ids = DatabaseIds.load(reader);
    } catch (EngineException unreadable) {
      throw unreadable.getCause();
    }
    try {
      files.write(new GroupFiles.Current(built.directory(), old.directory(), mark));
    } catch (IOException e) {
      // Without space nothing was written, and the engine before is in service still.
      boolean kept = e instanceof DiskFullException && isInService(old);
      if (!kept) {
        broken = e;
      }
      built.letGo(kept);
      throw e;
    }
    databaseIdsChange();
    built.garbageUntil(installed.nowMillis());
    marks = new DurableMarks(installed);
    current = built;
    databaseIds = ids;
    databaseIdsVersion++;
    state = installed;
    stored = installed;
    requests = answers;
    pending.clear();
    pendingState = null;
    databasesSwapped = false;
    unreported.clear();
    installedMark = mark;
    nowMillis = installed.nowMillis();
    appliedIndex = installed.wholeIndex();
    old.letGo(true);
  }

  private boolean isInService(PinnedEngine engine) throws IOException {
    GroupFiles.Current written = files.read();
    return written != null && written.engine().equals(engine.directory());
  }

  private interface Reading<T> {
    T of(Reader reader, int[] databaseIds);
  }

  private <T> T read(Access access, Reading<T> reading) {
    int version = databaseIdsVersion;
    PinnedEngine engine = pinned();
    try {
      int[] ids = databaseIds;
      try (Reader reader = engine.engine().latest(access)) {
        boolean sure = version % 2 == 0 && version == databaseIdsVersion;
        return reading.of(reader, sure ? ids : DatabaseIds.load(reader));
      }
    } finally {
      engine.unpin();
    }
  }

  private PinnedEngine pinned() {
    while (true) {
      PinnedEngine engine = current;
      if (engine.pin()) {
        return engine;
      }
      if (engine == current) {
        throw new EngineException(new IOException("the replica is closed"));
      }
    }
  }

  private void refuseIfBroken() throws IOException {
    if (closed) {
      throw new IOException("the replica is closed");
    }
    if (broken != null) {
      throw new IOException(
          "an image was installed half-way, a restart shows which engine the disk has: "
              + broken.getMessage(),
          broken);
    }
  }

  private static Scope scope(
      int keyspaceId,
      int database,
      int[] databaseIds,
      long now,
      long seed,
      long revision,
      Scope.Limits limits) {
    return new Scope(
        database < 0 ? keyspaceId : databaseIds[database],
        database < 0 ? NO_DATABASES : databaseIds,
        now,
        seed,
        revision,
        limits);
  }

  private static boolean isFor(@Nullable Answered answered, Command command) {
    return answered != null
        && answered.index() == command.index()
        && answered.offset() == command.offset();
  }

  private static void closeAfter(PinnedEngine engine, Exception cause) {
    try {
      engine.letGo(false);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// The engine that was in service, with its databases as they were.
  private final class Pinned implements State {
    private final PinnedEngine engine;
    private final Reader reader;
    private final int @Nullable [] ids;

    Pinned() {
      int version = databaseIdsVersion;
      engine = pinned();
      int[] known = databaseIds;
      reader = engine.engine().latest(Access.DISK);
      ids = version % 2 == 0 && version == databaseIdsVersion ? known : null;
    }

    @Override
    public Reply evaluateRead(
        Operation operation,
        int keyspaceId,
        int database,
        Scope.Limits limits,
        long now,
        long seed) {
      Scope scope = scope(keyspaceId, database, ids(), now, seed, 0, limits);
      return Operations.apply(operation, scope, reader, NO_WRITES);
    }

    @Override
    public Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now) {
      Scope scope = scope(keyspaceId, database, ids(), now, 0, 0, Scope.Limits.DEFAULT);
      return Operations.watch(database, key, scope, reader);
    }

    private int[] ids() {
      return ids == null ? DatabaseIds.load(reader) : ids;
    }

    @Override
    public void close() {
      reader.close();
      engine.unpin();
    }
  }

  /// The latest state with all that is pending, which goes to the engine first; opened only by who
  /// really reads.
  private final class PendingReader implements Reader {
    private @Nullable Reader reader;

    @Override
    public long sequence() {
      return open().sequence();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return open().get(key);
    }

    @Override
    public Cursor cursor() {
      return open().cursor();
    }

    @Override
    public void close() {
      if (reader != null) {
        reader.close();
      }
    }

    private Reader open() {
      Reader opened = reader;
      if (opened == null) {
        try {
          push();
        } catch (IOException e) {
          throw new PushFailure(e);
        }
        opened = current.engine().latest(Access.DISK);
        reader = opened;
      }
      return opened;
    }
  }

  /// Carries what a push failed with through code that knows no files.
  private static final class PushFailure extends RuntimeException {
    private final IOException failure;

    PushFailure(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    IOException failure() {
      return failure;
    }
  }
}
