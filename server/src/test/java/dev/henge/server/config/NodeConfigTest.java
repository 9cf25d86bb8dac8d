package dev.henge.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.consensus.metadata.Durability;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What people write into files and flags, and what they are told about mistakes.
final class NodeConfigTest {
  @Test
  void aFileSetsWhatItNamesAndTheRestIsDefault() throws Exception {
    NodeConfig config =
        read(
            """
            # a comment
            port: 7500
            cache: 64MiB
            durability: interval
            sync-interval: 250ms
            idle-timeout: 5m
            """);
    assertEquals(7500, config.value(Settings.PORT));
    assertEquals(64L << 20, config.value(Settings.CACHE));
    assertEquals(Durability.INTERVAL, config.value(Settings.DURABILITY));
    assertEquals(Duration.ofMillis(250), config.value(Settings.SYNC_INTERVAL));
    assertEquals(Duration.ofMinutes(5), config.value(Settings.IDLE_TIMEOUT));
    assertEquals("127.0.0.1", config.value(Settings.HOST));
    assertEquals("", config.value(Settings.PASSWORD));
  }

  @Test
  void anEmptyFileIsAllDefaults() throws Exception {
    assertEquals(7400, read("").value(Settings.PORT));
    assertEquals(7400, read("# nothing\n").value(Settings.PORT));
  }

  @Test
  void flagsWinOverTheFile() throws Exception {
    NodeConfig config =
        NodeConfig.builder()
            .yaml("henge.yaml", "port: 7500\n")
            .set("port", "7600", "--port")
            .build();
    assertEquals(7600, config.value(Settings.PORT));
  }

  @Test
  void anUnknownKeyIsNamedWithItsLineAndTheNearestOne() {
    assertEquals(
        "henge.yaml:2: unknown setting 'durabilty', did you mean 'durability'?",
        refusal("port: 7400\ndurabilty: os\n"));
  }

  @Test
  void aBadValueIsShownWithWhatIsAllowed() {
    assertEquals(
        "henge.yaml:1: port is '70000', which cannot be; allowed: 0 to 65532",
        refusal("port: 70000\n"));
    assertEquals(
        "henge.yaml:1: durability is 'always', which cannot be; allowed: fsync, interval, os",
        refusal("durability: always\n"));
    assertEquals(
        "henge.yaml:1: sync-interval is '5', which cannot be; allowed: 10ms to 1h, as in 250ms, 1s,"
            + " 5m",
        refusal("sync-interval: 5\n"));
    assertTrue(refusal("cache: lots\n").contains("as in 64MiB"));
  }

  @Test
  void filesThatAreNoFlatMappingAreRefusedByLine() {
    assertTrue(refusal("port: 1\nport: 2\n").startsWith("henge.yaml:2: 'port'"));
    assertTrue(refusal("port:\n  a: 1\n").startsWith("henge.yaml:1: 'port' must have one value"));
    assertTrue(refusal("- port\n").startsWith("henge.yaml:1: expected"));
    assertTrue(refusal("port: \"1\n").contains("not YAML"));
  }

  @Test
  void anAddressThatOthersCanReachNeedsInsecure() throws Exception {
    assertTrue(refusal("host: 0.0.0.0\n").contains("insecure: true"));
    assertTrue(refusal("host: 0.0.0.0\npassword: secret\n").contains("does not encrypt"));
    assertEquals("0.0.0.0", read("host: 0.0.0.0\ninsecure: true\n").value(Settings.HOST));
    assertEquals("::1", read("host: ::1\n").value(Settings.HOST));
  }

  @Test
  void secretsAreNeverShown() throws Exception {
    NodeConfig config = read("password: hunter2\n");
    assertEquals("hunter2", config.value(Settings.PASSWORD));
    assertFalse(config.toString().contains("hunter2"), config.toString());
    assertFalse(config.text(Settings.PASSWORD).contains("hunter2"));
  }

  @Test
  void everyDefaultIsAValueThatCouldBeWritten() {
    for (Setting<?> setting : Settings.ALL) {
      assertTrue(isItsOwnText(setting), setting.name());
    }
  }

  @Test
  void sizesAndTimesReadAsTheyAreWritten() {
    Kind<Long> bytes = Kind.bytes(0, Long.MAX_VALUE);
    for (long value : new long[] {0, 1, 1023, 1024, 1536, 64L << 20, 3L << 40}) {
      assertEquals(value, bytes.parse(bytes.text(value)).orElseThrow());
    }
    assertTrue(bytes.parse("99999999999TiB").isEmpty());
    assertTrue(bytes.parse("-1").isEmpty());
    assertTrue(bytes.parse("1.5GiB").isEmpty());
    Kind<Duration> times = Kind.duration(Duration.ZERO, Duration.ofDays(1));
    for (long millis : new long[] {0, 1, 999, 1000, 1500, 60_000, 3_600_000}) {
      Duration value = Duration.ofMillis(millis);
      assertEquals(value, times.parse(times.text(value)).orElseThrow());
    }
  }

  private static <T> boolean isItsOwnText(Setting<T> setting) {
    return setting
        .kind()
        .parse(setting.defaultText())
        .map(value -> value.equals(setting.defaultValue()))
        .orElse(false);
  }

  private static NodeConfig read(String yaml) throws ConfigException {
    return NodeConfig.builder().yaml("henge.yaml", yaml).build();
  }

  private static String refusal(String yaml) {
    return String.valueOf(assertThrows(ConfigException.class, () -> read(yaml)).getMessage());
  }
}
