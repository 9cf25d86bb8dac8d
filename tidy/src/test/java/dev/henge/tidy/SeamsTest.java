package dev.henge.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Time, files, sockets, chance and threads are reached only through the five seams of `base`, so
/// that a simulation can stand in for the machine.
final class SeamsTest {
  /// Programs of their own, that no simulation runs.
  private static final String TOOLS =
      "dev\\.henge\\.(cli|benchmark)\\..*|dev\\.henge\\.simulation\\.(tool|chaos)\\..*";

  private static final String SYSTEM = "dev\\.henge\\.base\\.system\\..*";
  private static final String SIMULATED = "dev\\.henge\\.base\\.simulated\\..*";
  private static final String NODE = "dev\\.henge\\.server\\.Node(\\$.*)?";
  private static final String NET = "dev\\.henge\\.server\\.net\\..*";
  private static final String HTTP = "dev\\.henge\\.server\\.http\\..*";

  private static final List<Seam> SEAMS =
      List.of(
          new Seam(
              "Clock",
              "java\\.lang\\.System\\.(nanoTime|currentTimeMillis)"
                  + "|java\\.time\\.(Instant|LocalDate|LocalTime|LocalDateTime|ZonedDateTime"
                  + "|OffsetDateTime)\\.now"
                  + "|java\\.time\\.Clock\\.system.*",
              List.of(SYSTEM, NODE, TOOLS)),
          new Seam(
              "Threads",
              "java\\.lang\\.Thread\\.(<init>|ofVirtual|ofPlatform|startVirtualThread|sleep)"
                  + "|java\\.util\\.Timer\\.<init>"
                  + "|java\\.util\\.concurrent\\.Executors\\..*"
                  + "|java\\.util\\.concurrent\\.\\w*(ThreadPoolExecutor|ForkJoinPool)"
                  + "\\.(<init>|commonPool)"
                  + "|java\\.util\\.concurrent\\.CompletableFuture"
                  + "\\.(supplyAsync|runAsync|delayedExecutor)"
                  + "|java\\.util\\.Collection\\.parallelStream",
              List.of(SYSTEM, NODE, TOOLS)),
          new Seam(
              "Randomness",
              "java\\.util\\.Random\\.<init>"
                  + "|java\\.util\\.SplittableRandom\\.<init>"
                  + "|java\\.security\\.SecureRandom\\..*"
                  + "|java\\.util\\.concurrent\\.ThreadLocalRandom\\..*"
                  + "|java\\.lang\\.Math\\.random"
                  + "|java\\.util\\.UUID\\.randomUUID",
              List.of(SYSTEM, SIMULATED, NODE, TOOLS)),
          new Seam(
              "Disk",
              "java\\.nio\\.file\\.Files\\..*"
                  + "|java\\.nio\\.channels\\.(Asynchronous)?FileChannel\\.open"
                  + "|java\\.io\\.(File(Input|Output)Stream|File(Reader|Writer)|RandomAccessFile)"
                  + "\\.<init>",
              List.of(SYSTEM, NODE, TOOLS)),
          new Seam(
              "Network",
              "java\\.net\\.(Server|Datagram|Multicast)?Socket\\.<init>"
                  + "|java\\.nio\\.channels\\.\\w*SocketChannel\\.open"
                  + "|java\\.net\\.http\\..*"
                  + "|io\\.netty\\.bootstrap\\..*",
              List.of(SYSTEM, NET, TOOLS)),
          new Seam(
              "the HTTP front end (package server.http)",
              "com\\.linecorp\\.armeria\\..*",
              List.of(HTTP, NODE)),
          new Seam(
              "the log (slf4j)",
              "java\\.lang\\.System\\.(out|err|console)",
              List.of(SYSTEM, SIMULATED, NODE, TOOLS)),
          new Seam(
              "an exception: only programs decide to end",
              "java\\.lang\\.System\\.exit|java\\.lang\\.Runtime\\.(exit|halt)",
              List.of(NODE, TOOLS)));

  @Test
  void nothingReachesAroundTheSeams() {
    List<String> around =
        MainClasses.ALL.stream()
            .flatMap(type -> type.getAccessesFromSelf().stream())
            .flatMap(SeamsTest::violations)
            .distinct()
            .sorted()
            .toList();
    assertEquals("", String.join("\n", around));
  }

  /// The rule sees what it must see: the real seams themselves would break it.
  @Test
  void theRuleRecognisesEverySeam() {
    for (Seam seam : SEAMS.subList(0, 4)) {
      boolean seen =
          MainClasses.ALL.stream()
              .filter(type -> type.getName().matches(SYSTEM))
              .flatMap(type -> type.getAccessesFromSelf().stream())
              .anyMatch(seam::covers);
      assertTrue(seen, "no use of what " + seam.name + " stands for in base.system");
    }
  }

  private static Stream<String> violations(JavaAccess<?> access) {
    JavaClass origin = access.getOriginOwner();
    return SEAMS.stream()
        .filter(seam -> seam.covers(access) && !seam.admits(origin))
        .map(seam ->
            "%s uses %s (%s:%d)  -> instead: %s"
                .formatted(
                    origin.getName(),
                    nameOf(access),
                    origin.getSource().flatMap(source -> source.getFileName()).orElse("?"),
                    access.getLineNumber(),
                    seam.name));
  }

  private static String nameOf(JavaAccess<?> access) {
    return access.getTargetOwner().getName() + "." + access.getTarget().getName();
  }

  /// @param covered full names of the members that the seam stands for
  /// @param admitted full names of the classes that may use them
  private record Seam(String name, Pattern covered, List<Pattern> admitted) {
    Seam(String name, String covered, List<String> admitted) {
      this(name, Pattern.compile(covered), admitted.stream().map(Pattern::compile).toList());
    }

    boolean covers(JavaAccess<?> access) {
      return covered.matcher(nameOf(access)).matches();
    }

    boolean admits(JavaClass type) {
      return admitted.stream().anyMatch(pattern -> pattern.matcher(type.getName()).matches());
    }
  }
}
