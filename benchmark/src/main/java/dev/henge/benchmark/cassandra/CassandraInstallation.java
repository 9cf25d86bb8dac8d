package dev.henge.benchmark.cassandra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Apache Cassandra's class path, resolved by Maven, and a JDK 17 to start it with: there is no
/// newer JDK that it supports.
///
/// @param java the JDK's directory
/// @param classPath its jars
public record CassandraInstallation(Path java, List<Path> classPath) {
  private static final String NEEDED_JAVA = "17";

  /// Resolves it; the first time, Maven downloads some 100 MB.
  ///
  /// @param java directory of a JDK 17
  /// @param directory gets a file or two
  /// @throws IOException that says what is missing
  public static CassandraInstallation resolve(Path java, Path directory) throws IOException {
    String version = version(java);
    if (!version.startsWith(NEEDED_JAVA + ".")) {
      throw new IOException(java + " is not a JDK " + NEEDED_JAVA + ", but " + version);
    }
    Path project = directory.resolve("pom.xml");
    Path output = directory.resolve("classpath");
    Files.writeString(project, resource("pom.xml"));
    List<String> command =
        List.of(
            "mvn",
            "-q",
            "-B",
            "-f",
            project.toString(),
            "dependency:build-classpath",
            "-Dmdep.outputFile=" + output);
    Process maven = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (maven.waitFor() != 0) {
        throw new IOException("Maven does not find Cassandra: " + said.strip());
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    List<Path> jars =
        Arrays.stream(Files.readString(output).strip().split(":", -1)).map(Path::of).toList();
    return new CassandraInstallation(java, jars);
  }

  /// Its version and the JDK's.
  String describe() throws IOException {
    String jar = name("cassandra-all-");
    String version = jar.substring("cassandra-all-".length(), jar.length() - ".jar".length());
    return "Apache Cassandra " + version + " on Java " + version(java);
  }

  /// The command that starts a node.
  ///
  /// @param directory the node's, gets its files
  /// @param heap its size, as the JVM's flag has it
  /// @param values for the names in its configuration
  List<String> node(Path directory, String heap, Map<String, String> values) throws IOException {
    Files.createDirectories(directory);
    String configuration = resource("cassandra.yaml");
    for (Map.Entry<String, String> value : values.entrySet()) {
      configuration = configuration.replace("${" + value.getKey() + "}", value.getValue());
    }
    Path yaml = Files.writeString(directory.resolve("cassandra.yaml"), configuration);
    Path flags = Files.writeString(directory.resolve("jvm.options"), resource("jvm.options"));
    Path log = Files.writeString(directory.resolve("logback.xml"), resource("logback.xml"));
    Path jamm =
        classPath.stream().filter(jar -> startsWith(jar, "jamm-")).findFirst().orElseThrow();
    List<String> command = new ArrayList<>();
    command.add(java.resolve("bin/java").toString());
    command.add("@" + flags);
    command.addAll(List.of("-Xms" + heap, "-Xmx" + heap));
    command.add("-javaagent:" + jamm);
    command.add("-Dcassandra.config=" + yaml.toUri());
    command.add("-Dcassandra.storagedir=" + directory);
    command.add("-Dlogback.configurationFile=" + log);
    command.add("-XX:ErrorFile=" + directory.resolve("crash.log"));
    command.add("-cp");
    command.add(String.join(":", classPath.stream().map(Path::toString).toList()));
    command.add("org.apache.cassandra.service.CassandraDaemon");
    return command;
  }

  private String name(String start) {
    return classPath.stream()
        .filter(jar -> startsWith(jar, start))
        .map(jar -> String.valueOf(jar.getFileName()))
        .findFirst()
        .orElseThrow();
  }

  private static boolean startsWith(Path jar, String start) {
    return String.valueOf(jar.getFileName()).startsWith(start);
  }

  /// What the JDK says of itself.
  private static String version(Path java) throws IOException {
    Path release = java.resolve("release");
    if (!Files.isReadable(release) || !Files.isExecutable(java.resolve("bin/java"))) {
      throw new IOException(java + " is not a JDK: bin/java and release are not both there");
    }
    return Files.readAllLines(release).stream()
        .filter(line -> line.startsWith("JAVA_VERSION="))
        .map(line -> line.replaceAll(".*=|\"", ""))
        .findFirst()
        .orElse("of no version");
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = CassandraInstallation.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("no resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
