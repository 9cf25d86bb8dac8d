package dev.henge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `henge` script on a small copy of the source tree, with a Maven that only notes its calls.
final class LauncherTest {
  private static final String JAVA_HOME = System.getProperty("java.home");

  @TempDir private Path directory;
  private Path root;
  private Path source;
  private Path tools;

  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void makeTree() throws IOException {
    root = Files.createDirectories(directory.resolve("the sources"));
    tools = Files.createDirectories(directory.resolve("tools"));
    Files.copy(Path.of("..", "henge"), root.resolve("henge"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    source = root.resolve("cli/src/main/java/Some.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "class Some {}");
    script(
        tools.resolve("mvn"),
        "echo built >> '" + directory.resolve("builds") + "'",
        "[ ! -e '" + directory.resolve("broken") + "' ] || { echo 'Some.java:1: oops'; exit 1; }",
        "mkdir -p cli/target benchmark/target simulation/target",
        "touch cli/target/henge-cli-1.jar benchmark/target/henge-benchmark-1.jar"
            + " simulation/target/henge-simulation-1.jar",
        "printf %s '" + System.getProperty("java.class.path") + "' > cli/target/classpath",
        "printf %s \"$PWD/cli/target/henge-cli-1.jar\" | tee benchmark/target/classpath"
            + " > simulation/target/classpath");
  }

  @Test
  void isASoundScript() throws Exception {
    assertEquals(new Outcome(0, "", ""), run(Map.of(), "bash", "-n", "henge"));
  }

  @Test
  void buildsOnceAndAgainWhenASourceIsNewer() throws Exception {
    Outcome first = henge("version");
    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().startsWith("henge "), first.out());
    assertEquals("henge: building for the first time; this takes a minute\n", first.err());
    assertEquals(new Outcome(0, first.out(), ""), henge("version"));
    assertEquals(1, builds());

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    Outcome newer = henge("version");
    assertEquals(0, newer.status(), newer.err());
    assertEquals("henge: building, because sources are newer than the build\n", newer.err());
    assertEquals(2, builds());
  }

  @Test
  void worksThroughALinkFromAnywhereAndBuildsOnceForTwo() throws Exception {
    Path link = Files.createSymbolicLink(tools.resolve("henge"), root.resolve("henge"));
    Process one = start(Map.of(), directory, link.toString());
    Process other = start(Map.of(), directory, link.toString(), "--help");
    Outcome help = outcome(one);
    assertEquals(0, help.status(), help.err());
    assertTrue(help.out().startsWith("Usage: henge"), help.out());
    assertEquals(help.out(), outcome(other).out());
    assumeTrue(Files.exists(Path.of("/usr/bin/flock")), "no flock here: two builds are possible");
    assertEquals(1, builds());
  }

  @Test
  void showsWhyABuildFailed() throws Exception {
    Files.createFile(directory.resolve("broken"));
    Outcome failed = henge("version");
    assertEquals(1, failed.status());
    assertTrue(failed.err().contains("Some.java:1: oops"), failed.err());
    assertTrue(failed.err().endsWith("henge: the build failed; its output is above\n"));
    Files.delete(directory.resolve("broken"));
    assertEquals(0, henge("version").status());
  }

  @Test
  void refusesAnOlderJavaAndSaysWhichItIs() throws Exception {
    Path old = jdk("25.0.2");
    Outcome refused = henge(Map.of("HENGE_JAVA_HOME", old.toString()), "version");
    assertEquals(
        new Outcome(
            1, "", "henge: needs JDK 25, 25.0.3 or later; HENGE_JAVA_HOME=" + old + " is 25.0.2\n"),
        refused);
    Outcome none = henge(Map.of("HENGE_JAVA_HOME", directory.toString()), "version");
    assertTrue(none.err().contains("is not a JDK"), none.err());
    assertFalse(Files.exists(directory.resolve("builds")));
  }

  @Test
  void takesTheFirstJavaThatIsNewEnough() throws Exception {
    Path old = jdk("17.0.15");
    Path current = jdk("25.0.10");
    script(current.resolve("bin/java"), "echo \"$JAVA_HOME runs\"");
    Outcome found =
        henge(Map.of("JAVA_HOME", old.toString(), "PATH", current + "/bin:" + path()), "version");
    assertEquals(0, found.status(), found.err());
    assertEquals(old + " runs\n", found.out());
  }

  private Outcome henge(String... arguments) throws Exception {
    return henge(Map.of("HENGE_JAVA_HOME", JAVA_HOME), arguments);
  }

  private Outcome henge(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", root.resolve("henge").toString()));
    command.addAll(List.of(arguments));
    return run(environment, command.toArray(String[]::new));
  }

  private Outcome run(Map<String, String> environment, String... command) throws Exception {
    return outcome(start(environment, root, command));
  }

  private Process start(Map<String, String> environment, Path from, String... command)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(command));
    if (line.getFirst().endsWith("/henge")) {
      line.addFirst("bash");
    }
    ProcessBuilder builder = new ProcessBuilder(line).directory(from.toFile());
    builder.environment().remove("HENGE_JAVA_OPTS");
    builder.environment().put("HENGE_AOT", "off");
    builder.environment().put("HENGE_JAVA_HOME", JAVA_HOME);
    builder.environment().put("PATH", path());
    builder.environment().putAll(environment);
    if (environment.containsKey("JAVA_HOME")) {
      builder.environment().remove("HENGE_JAVA_HOME");
    }
    return builder.start();
  }

  private String path() {
    return tools + ":" + System.getenv("PATH");
  }

  /// What a JDK looks like to the script.
  private Path jdk(String version) throws IOException {
    Path home = Files.createDirectories(directory.resolve("jdk-" + version));
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), "exit 1");
    script(home.resolve("bin/javac"), "exit 1");
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private int builds() throws IOException {
    return Files.readAllLines(directory.resolve("builds")).size();
  }

  private static Outcome outcome(Process process) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out, err);
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
