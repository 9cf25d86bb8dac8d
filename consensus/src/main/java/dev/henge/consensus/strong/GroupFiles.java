package dev.henge.consensus.strong;

import dev.henge.base.CheckedFile;
import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The directory of a replicated group: engines named `engine-N`, and the file `CURRENT` that says
/// which one is in service (`FORMAT.md`).
///
/// - Invariant: over a crash `CURRENT` names the engine before or the one after, whole either way;
///   what it does not name is left over and removed at the next opening.
/// - Threads: one at a time.
final class GroupFiles {
  static final String CURRENT = "CURRENT";

  /// Persisted. A program that knows less refuses the file.
  private static final int VERSION = 1;

  private static final String ENGINE = "engine-";

  /// @param engine directory in service
  /// @param previous directory that was in service before, and may be left over; null for none
  /// @param mark of the image that the engine began with; null where it began without one
  record Current(Path engine, @Nullable Path previous, @Nullable SnapshotMark mark) {}

  private final Disk disk;
  private final Path directory;
  private final CheckedFile file;

  GroupFiles(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
    this.file = new CheckedFile(disk, directory.resolve(CURRENT), "henge-group", VERSION);
  }

  /// Makes the directory, and the one that holds all groups, where they are missing.
  void make() throws IOException {
    disk.createDirectories(directory);
    Path groups = directory.getParent();
    Path data = groups == null ? null : groups.getParent();
    if (data != null) {
      disk.syncDirectory(data);
    }
    if (groups != null) {
      disk.syncDirectory(groups);
    }
  }

  /// What is in service; null before anything is.
  @Nullable Current read() throws IOException {
    if (!file.exists()) {
      return null;
    }
    Path engine = null;
    Path previous = null;
    SnapshotMark mark = null;
    for (String line : file.read().split("\n", -1)) {
      String[] words = line.split(" ", 2);
      String rest = words.length == 2 ? words[1] : "";
      switch (words[0]) {
        case "engine" -> engine = directory.resolve(rest).normalize();
        case "previous" -> previous = directory.resolve(rest).normalize();
        case "mark" -> mark = mark(rest.split(" ", -1));
        case "" -> {}
        default -> throw damaged("a line begins with '" + words[0] + "'");
      }
    }
    if (engine == null) {
      throw damaged("it names no engine");
    }
    return new Current(engine, previous, mark);
  }

  /// Puts `current` in service, durably.
  void write(Current current) throws IOException {
    var body = new StringBuilder();
    body.append("engine ").append(name(current.engine())).append('\n');
    if (current.previous() != null) {
      body.append("previous ").append(name(current.previous())).append('\n');
    }
    SnapshotMark mark = current.mark();
    if (mark != null) {
      Configuration configuration = mark.configuration();
      body.append(
          "mark %d %d %s %s %s\n"
              .formatted(
                  mark.index(),
                  mark.term(),
                  text(configuration.voters()),
                  text(configuration.outgoing()),
                  text(configuration.learners())));
    }
    disk.syncDirectory(directory); // the engine's own name
    file.write(body.toString());
  }

  /// A directory for another engine, which is not there yet.
  Path fresh() throws IOException {
    long number = 1;
    for (String name : disk.list(directory)) {
      if (name.matches(ENGINE + "[0-9]{1,18}")) {
        number = Math.max(number, Long.parseLong(name.substring(ENGINE.length())) + 1);
      }
    }
    return directory.resolve(ENGINE + number);
  }

  /// Removes every engine but the one in service.
  void removeLeftovers(@Nullable Current current) throws IOException {
    for (String name : disk.list(directory)) {
      Path path = directory.resolve(name);
      if (name.startsWith(ENGINE) && (current == null || !path.equals(current.engine()))) {
        remove(path);
      }
    }
    if (current != null && current.previous() != null && disk.exists(current.previous())) {
      remove(current.previous());
    }
  }

  /// Removes an engine that is closed.
  void remove(Path engine) throws IOException {
    disk.deleteTree(engine);
    Path parent = engine.getParent();
    if (parent != null) {
      disk.syncDirectory(parent);
    }
  }

  private String name(Path engine) {
    List<String> parts = new ArrayList<>();
    directory.relativize(engine).forEach(part -> parts.add(part.toString()));
    return String.join("/", parts);
  }

  private SnapshotMark mark(String[] words) throws IOException {
    if (words.length != 5) {
      throw damaged("a mark has " + words.length + " parts");
    }
    try {
      var configuration =
          new Configuration(members(words[2]), members(words[3]), members(words[4]));
      return new SnapshotMark(Long.parseLong(words[0]), Long.parseLong(words[1]), configuration);
    } catch (NumberFormatException e) {
      throw damaged("a mark of " + Arrays.toString(words));
    }
  }

  private static String text(SortedSet<Long> members) {
    return members.isEmpty()
        ? "-"
        : members.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static SortedSet<Long> members(String text) {
    var members = new TreeSet<Long>();
    if (!text.equals("-")) {
      for (String member : text.split(",", -1)) {
        members.add(Long.parseLong(member));
      }
    }
    return members;
  }

  private CorruptionException damaged(String found) {
    return new CorruptionException(directory.resolve(CURRENT).toString(), 0, found);
  }
}
