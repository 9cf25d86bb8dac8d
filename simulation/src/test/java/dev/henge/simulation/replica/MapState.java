package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Condition;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.workload.Service;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// The smallest state machine that keeps its promises: a map in memory, written whole to a file
/// when asked to become durable. Commands name operations in a table that all replicas of a run
/// share.
@NullMarked
class MapState implements ReplicatedState {
  private static final int REQUESTS_MAX = 5_000;

  /// Operations by the number that stands for them in the log.
  static final class Table {
    private final List<Operation> operations = new ArrayList<>();

    byte[] command(Service.Request request, Operation operation) {
      operations.add(operation);
      return ByteBuffer.allocate(24)
          .putLong(request.client())
          .putLong(request.number())
          .putLong(operations.size() - 1)
          .array();
    }
  }

  private final Table table;
  private final Disk disk;
  private final Path directory;
  private final Path file;
  private TreeMap<String, String> map = new TreeMap<>();
  protected LinkedHashMap<Service.Request, String> requests = new LinkedHashMap<>();
  private long appliedIndex;
  private long durableIndex;
  private long nowMillis;
  private @Nullable SnapshotMark mark;

  MapState(Table table, Disk disk, Path directory) throws IOException {
    this.table = table;
    this.disk = disk;
    this.directory = directory;
    this.file = directory.resolve("state");
    disk.createDirectories(directory);
    disk.syncDirectory(directory.resolveSibling(""));
    if (disk.exists(file)) {
      decode(read(file));
      durableIndex = appliedIndex;
    }
  }

  @Override
  public long appliedIndex() {
    return appliedIndex;
  }

  @Override
  public long durableIndex() {
    return durableIndex;
  }

  @Override
  public long nowMillis() {
    return nowMillis;
  }

  @Override
  public @Nullable SnapshotMark installedMark() {
    return mark;
  }

  @Override
  public void flush() throws IOException {
    write(encode());
    durableIndex = appliedIndex;
  }

  @Override
  public List<?> apply(List<Command> commands) {
    var replies = new ArrayList<Reply>();
    for (Command command : commands) {
      ByteBuffer bytes = ByteBuffer.wrap(command.bytes());
      var request = new Service.Request(bytes.getLong(), bytes.getLong(), true);
      Operation operation = table.operations.get((int) bytes.getLong());
      String known = remembersRequests() ? requests.get(request) : null;
      Reply reply;
      if (known != null) {
        reply = parse(known);
      } else {
        reply = evaluate(operation);
        requests.put(request, print(reply));
        if (requests.size() > REQUESTS_MAX) {
          requests.pollFirstEntry();
        }
      }
      replies.add(reply);
      nowMillis = command.nowMillis();
      appliedIndex = Math.max(appliedIndex, command.index());
    }
    return replies;
  }

  @Override
  public void advance(long index, long term) {
    appliedIndex = Math.max(appliedIndex, index);
  }

  @Override
  public Image image() throws IOException {
    byte[] bytes = encode();
    long index = appliedIndex;
    return new Image() {
      @Override
      public long index() {
        return index;
      }

      @Override
      public Chunk chunk(byte[] position, int bytesMax) {
        int from = position.length == 0 ? 0 : ByteBuffer.wrap(position).getInt();
        int to = Math.min(bytes.length, from + Math.min(bytesMax, 300));
        return new Chunk(
            Arrays.copyOfRange(bytes, from, to),
            ByteBuffer.allocate(4).putInt(to).array(),
            to == bytes.length);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Installation install(SnapshotMark installed) {
    var bytes = new ByteArrayOutputStream();
    return new Installation() {
      @Override
      public void add(byte[] chunk) {
        bytes.writeBytes(chunk);
      }

      @Override
      public void commit() throws IOException {
        decode(bytes.toByteArray());
        mark = installed;
        appliedIndex = installed.index();
        flush();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}

  @Override
  public long digest() {
    return map.hashCode() + 31L * requests.hashCode();
  }

  @Override
  public byte[] command(Service.Request request, Operation operation) {
    return table.command(request, operation);
  }

  @Override
  public Reply reply(Object applied) {
    return (Reply) applied;
  }

  @Override
  public Reply read(Operation operation, long now) {
    return evaluate(operation);
  }

  private Reply evaluate(Operation operation) {
    return switch (operation) {
      case Operation.Get get -> {
        String value = map.get(text(get.key()));
        yield value == null ? Reply.NOTHING : bytes(value);
      }
      case Operation.Set set -> set(set);
      case Operation.Delete delete ->
          new Reply.Number(map.remove(text(delete.keys().getFirst())) == null ? 0 : 1);
      case Operation.Append append ->
          new Reply.Number(
              map.merge(text(append.key()), text(append.suffix()), String::concat).length());
      case Operation.Increment increment -> {
        String key = text(increment.key());
        long sum = Long.parseLong(map.getOrDefault(key, "0")) + increment.delta();
        map.put(key, Long.toString(sum));
        yield new Reply.Number(sum);
      }
      case Operation.Transaction transaction ->
          new Reply.Many(
              transaction.steps().stream().map(step -> evaluate(step.operation())).toList());
      default -> throw new IllegalArgumentException("no such operation here: " + operation);
    };
  }

  private Reply set(Operation.Set set) {
    String key = text(set.key());
    String before = map.get(key);
    boolean holds =
        switch (set.condition()) {
          case Condition.Absent absent -> before == null;
          case Condition.ValueIs value -> text(value.value()).equals(before);
          default -> true;
        };
    if (holds) {
      map.put(key, text(set.value()));
    }
    return new Reply.Written(holds, 0, null);
  }

  private static String print(Reply reply) {
    return switch (reply) {
      case Reply.Nothing nothing -> "n";
      case Reply.Number number -> "#" + number.value();
      case Reply.Bytes bytes -> "b" + text(bytes.bytes());
      case Reply.Written written -> written.applied() ? "w" : "x";
      case Reply.Many many ->
          "m" + String.join("|", many.items().stream().map(MapState::print).toList());
      default -> throw new IllegalArgumentException("no such reply here: " + reply);
    };
  }

  private static Reply parse(String text) {
    String rest = text.substring(1);
    return switch (text.charAt(0)) {
      case 'n' -> Reply.NOTHING;
      case '#' -> new Reply.Number(Long.parseLong(rest));
      case 'b' -> bytes(rest);
      case 'w' -> new Reply.Written(true, 0, null);
      case 'x' -> new Reply.Written(false, 0, null);
      default -> new Reply.Many(Arrays.stream(rest.split("\\|")).map(MapState::parse).toList());
    };
  }

  /// What is written down as applied.
  protected long writtenIndex() {
    return appliedIndex;
  }

  /// Whether a second try is answered and not done.
  protected boolean remembersRequests() {
    return true;
  }

  protected byte[] encode() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeLong(writtenIndex());
    out.writeLong(nowMillis);
    out.writeInt(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      out.writeUTF(entry.getKey());
      out.writeUTF(entry.getValue());
    }
    out.writeInt(requests.size());
    for (Map.Entry<Service.Request, String> entry : requests.entrySet()) {
      out.writeLong(entry.getKey().client());
      out.writeLong(entry.getKey().number());
      out.writeUTF(entry.getValue());
    }
    out.writeBoolean(mark != null);
    if (mark != null) {
      out.writeLong(mark.index());
      out.writeLong(mark.term());
      write(out, mark.configuration().voters());
      write(out, mark.configuration().outgoing());
      write(out, mark.configuration().learners());
    }
    return bytes.toByteArray();
  }

  private void decode(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    appliedIndex = in.readLong();
    nowMillis = in.readLong();
    map = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      map.put(in.readUTF(), in.readUTF());
    }
    requests = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      requests.put(new Service.Request(in.readLong(), in.readLong(), true), in.readUTF());
    }
    mark =
        in.readBoolean()
            ? new SnapshotMark(
                in.readLong(),
                in.readLong(),
                new Configuration(members(in), members(in), members(in)))
            : null;
  }

  private static void write(DataOutputStream out, SortedSet<Long> members) throws IOException {
    out.writeInt(members.size());
    for (long member : members) {
      out.writeLong(member);
    }
  }

  private static SortedSet<Long> members(DataInputStream in) throws IOException {
    var members = new TreeSet<Long>();
    for (int left = in.readInt(); left > 0; left--) {
      members.add(in.readLong());
    }
    return members;
  }

  private void write(byte[] bytes) throws IOException {
    Path fresh = file.resolveSibling("state.new");
    if (disk.exists(fresh)) {
      disk.delete(fresh);
    }
    try (DiskFile out = disk.open(fresh, Disk.OpenMode.CREATE)) {
      out.write(0, ByteBuffer.wrap(bytes));
      out.sync();
    }
    disk.rename(fresh, file);
    disk.syncDirectory(directory);
  }

  private byte[] read(Path path) throws IOException {
    try (DiskFile in = disk.open(path, Disk.OpenMode.READ)) {
      var buffer = ByteBuffer.allocate((int) in.size());
      in.read(0, buffer);
      return buffer.array();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Reply.Bytes bytes(String text) {
    return new Reply.Bytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
