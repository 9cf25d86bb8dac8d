package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.data.ExpiredObjects;
import dev.henge.simulation.workload.Service;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;

/// Mistakes around the core, each as something else in the place of one part; those in the core are
/// [BuggyRaft]'s.
@NullMarked
final class PlantedBugs {
  private PlantedBugs() {}

  /// The Raft log says that it is durable, and never syncs.
  static Disk logIsNeverSynced(Disk disk) {
    return withLogFiles(disk, PlantedBugs::withoutSync);
  }

  /// The Raft log syncs again when a sync has failed, and takes the second's word for the first's.
  static Disk logSyncsAgain(Disk disk) {
    return withLogFiles(disk, PlantedBugs::withSecondSync);
  }

  private static Disk withLogFiles(Disk disk, UnaryOperator<DiskFile> change) {
    return (Disk)
        Proxy.newProxyInstance(
            PlantedBugs.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) -> {
              Object result = call(disk, method, arguments);
              boolean ofLog =
                  method.getName().equals("open") && arguments[0].toString().contains("/log/");
              return ofLog ? change.apply((DiskFile) result) : result;
            });
  }

  private static DiskFile withoutSync(DiskFile file) {
    return (DiskFile)
        Proxy.newProxyInstance(
            PlantedBugs.class.getClassLoader(),
            new Class<?>[] {DiskFile.class},
            (proxy, method, arguments) ->
                method.getName().equals("sync") ? null : call(file, method, arguments));
  }

  private static DiskFile withSecondSync(DiskFile file) {
    return (DiskFile)
        Proxy.newProxyInstance(
            PlantedBugs.class.getClassLoader(),
            new Class<?>[] {DiskFile.class},
            (proxy, method, arguments) -> {
              try {
                return call(file, method, arguments);
              } catch (IOException failed) {
                if (!method.getName().equals("sync")) {
                  throw failed;
                }
                return call(file, method, arguments);
              }
            });
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /// Answers of requests are neither in images nor in what survives a restart: a second try is done
  /// again.
  static final class ForgetsRequests extends MapState {
    ForgetsRequests(Table table, Disk disk, Path directory) throws IOException {
      super(table, disk, directory);
    }

    @Override
    protected byte[] encode() throws IOException {
      LinkedHashMap<Service.Request, String> kept = requests;
      requests = new LinkedHashMap<>();
      try {
        return super.encode();
      } finally {
        requests = kept;
      }
    }
  }

  /// What is written down claims to be older than it is: entries are applied again.
  static final class ForgetsItsIndex extends MapState {
    ForgetsItsIndex(Table table, Disk disk, Path directory) throws IOException {
      super(table, disk, directory);
    }

    @Override
    protected long writtenIndex() {
      return Math.max(0, appliedIndex() - 3);
    }

    @Override
    protected boolean remembersRequests() {
      return false;
    }
  }

  /// Compactions drop what has ended by the machine's own clock.
  static final ReplicatedState.Factory EXPIRES_BY_OWN_CLOCK =
      (group, disk, directory, threads, clock) ->
          StrongState.open(
              group,
              disk,
              directory,
              threads,
              clock,
              right -> new ExpiredObjects(clock::wallMillis));
}
