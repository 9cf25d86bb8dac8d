package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.base.system.FreePorts;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random commands, right and wrong, to this server and to a real Redis: the same replies.
///
/// Runs where `redis-server` is installed and says so where it is not. `-Dseed=` repeats a run,
/// `-Drounds=` makes it longer.
class RedisDifferenceTest {
  private static final String[] KEYS = {"a", "b", "c", "{t}a", "{t}b", "n", "f", "bits"};
  private static final String[] VALUES = {
    "1", "-5", "0", "10", "9223372036854775807", "3.5", "hello", "", "foobar", "x y", "\u00ff\u0000"
  };
  private static final String[] NUMBERS = {
    "0",
    "1",
    "-1",
    "2",
    "7",
    "100",
    "-100",
    "9223372036854775807",
    "-9223372036854775808",
    "x",
    "1.5",
    "01",
    "",
    " 1",
    "4294967295"
  };
  private static final String[] FLOATS = {"0.1", "3", "-2.5", "1e3", "x", "5.0e-2", "nan", " 1"};

  /// Commands whose replies need a second look, which a transaction does not get.
  private static final Set<String> VAGUE =
      Set.of(
          "DUMP",
          "TTL",
          "PTTL",
          "EXPIRETIME",
          "PEXPIRETIME",
          "SELECT",
          "GETEX",
          "BITCOUNT",
          "BITPOS");

  @TempDir private Path directory;
  private boolean vague;

  /// Whether a watched key was absent when it was watched.
  private boolean watchedAbsent;

  private Random random = new Random(0);

  @Test
  void answersAsRedisDoes() throws IOException, InterruptedException {
    long seed = Long.getLong("seed", System.nanoTime());
    int rounds = Integer.getInteger("rounds", 20_000);
    System.out.println("RedisDifferenceTest -Dseed=" + seed + " -Drounds=" + rounds);
    random = new Random(seed);
    int redisPort = FreePorts.first(1, 1, 1);
    Process redis;
    try {
      redis =
          new ProcessBuilder(
                  "redis-server",
                  "--port",
                  Integer.toString(redisPort),
                  "--save",
                  "",
                  "--appendonly",
                  "no",
                  "--bind",
                  "127.0.0.1")
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      System.out.println("RedisDifferenceTest: SKIPPED, redis-server is not on the PATH");
      return;
    }
    awaitReady(redis);
    try (var server = new SocketServer(directory.resolve("data"), RespOptions.defaults());
        var ours = new Wire(server.port);
        var theirs = new Wire(redisPort)) {
      var history = new ArrayList<String>();
      for (int round = 0; round < rounds; round++) {
        List<String> request = request();
        history.add(String.join(" ", request));
        String expected = theirs.ask(request);
        String actual = ours.ask(request);
        if (actual.equals("+QUEUED\n") && VAGUE.contains(request.getFirst())) {
          vague = true;
        }
        if (request.getFirst().equals("WATCH") && expected.equals("+OK\n")) {
          for (String key : request.subList(1, request.size())) {
            watchedAbsent |= theirs.ask(List.of("EXISTS", key)).equals(":0\n");
          }
        }
        if (returnedToNothing(request, expected, actual)) {
          // ours has executed what Redis has not: both begin anew
          assertEquals(theirs.ask(List.of("FLUSHALL")), ours.ask(List.of("FLUSHALL")));
        } else if (!same(request, expected, actual)) {
          List<String> last = history.subList(Math.max(0, history.size() - 30), history.size());
          assertEquals(
              expected,
              actual,
              "round " + round + " of seed " + seed + ":\n" + String.join("\n", last));
        }
      }
    } finally {
      redis.destroy();
      redis.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static void awaitReady(Process redis) throws IOException {
    BufferedReader log = redis.inputReader(StandardCharsets.UTF_8);
    String line = log.readLine();
    while (line != null && !line.contains("Ready to accept connections")) {
      line = log.readLine();
    }
    if (line == null) {
      throw new IOException("redis-server has ended");
    }
  }

  /// Replies are the same but for what time and order decide.
  private boolean same(List<String> request, String expected, String actual) {
    if (request.getFirst().equals("EXEC") && vague) {
      vague = false;
      return expected.charAt(0) == actual.charAt(0);
    }
    if (expected.equals(actual)) {
      return true;
    }
    return switch (request.getFirst()) {
      case "PTTL", "PEXPIRETIME" -> near(expected, actual);
      case "TTL", "EXPIRETIME" -> near(expected, actual);
      // a name may stand where Redis wants a number
      case "SELECT" -> actual.startsWith(expected.strip());
      // the expiry is checked for missing keys, too
      case "GETEX" -> expected.startsWith("$-1") && actual.startsWith("-ERR");
      // the version of the payload and how it is compressed may differ
      case "DUMP" -> expected.startsWith("$") && actual.startsWith("$");
      // checked for missing keys, too, since Redis 7.2
      case "BITCOUNT", "BITPOS" -> actual.startsWith("-ERR");
      default -> false;
    };
  }

  /// Redis takes a watched key that was absent, was written and is absent again as changed; here it
  /// is as it was.
  private boolean returnedToNothing(List<String> request, String expected, String actual) {
    if (!Set.of("EXEC", "DISCARD", "UNWATCH").contains(request.getFirst())) {
      return false;
    }
    boolean explained = watchedAbsent && expected.equals("*-1\n") && actual.startsWith("*");
    watchedAbsent &= actual.startsWith("-");
    return explained && !actual.equals(expected);
  }

  private static boolean near(String expected, String actual) {
    if (!expected.startsWith(":") || !actual.startsWith(":")) {
      return false;
    }
    long difference =
        Long.parseLong(expected.substring(1).trim()) - Long.parseLong(actual.substring(1).trim());
    return Math.abs(difference) <= 2000;
  }

  private String one(String... of) {
    return of[random.nextInt(of.length)];
  }

  private String key() {
    return one(KEYS);
  }

  private String number() {
    return random.nextInt(3) == 0 ? one(NUMBERS) : Integer.toString(random.nextInt(40) - 5);
  }

  private String value() {
    return one(VALUES);
  }

  /// Small times would expire between the two servers.
  private String time() {
    return random.nextInt(4) == 0
        ? one("0", "-1", "x", "9223372036854775807", "-9223372036854775808")
        : Integer.toString(10_000 + random.nextInt(100_000));
  }

  private List<String> request() {
    List<String> request = new ArrayList<>(List.of(shape().split("\u0001", -1)));
    int luck = random.nextInt(25);
    if (luck == 0 && request.size() > 1) {
      request.removeLast();
    } else if (luck == 1) {
      request.add(value());
    } else if (luck == 2 && request.size() > 1 && !hasTime(request)) {
      request.set(1 + random.nextInt(request.size() - 1), value());
    }
    return request;
  }

  /// A short expiry would pass between the two servers.
  private static boolean hasTime(List<String> request) {
    return request.getFirst().contains("EX") || request.contains("EX") || request.contains("PX");
  }

  private static String of(String... words) {
    return String.join("\u0001", words);
  }

  private String shape() {
    return switch (random.nextInt(58)) {
      case 0, 1, 2 -> of("GET", key());
      case 3, 4, 5, 6 -> of("SET", key(), value());
      case 7 -> of("SET", key(), value(), one("NX", "XX", "GET", "KEEPTTL", "what"));
      case 8 -> of("SET", key(), value(), one("EX", "PX"), time(), one("NX", "GET"));
      case 9 -> of("SETNX", key(), value());
      case 10 -> of("SETEX", key(), time(), value());
      case 11 -> of("PSETEX", key(), time(), value());
      case 12 -> of("GETSET", key(), value());
      case 13 -> of("GETDEL", key());
      case 14 -> of("GETEX", key(), one("PERSIST", "EX", "what"), time());
      case 15 -> of("GETEX", key(), "PERSIST");
      case 16 -> of("MGET", key(), key(), "missing");
      case 17 -> of("MSET", key(), value(), key(), value());
      case 18 -> of("MSETNX", key(), value(), key(), value());
      case 19 -> of("APPEND", key(), value());
      case 20 -> of("STRLEN", key());
      case 21, 22 -> of("GETRANGE", key(), number(), number());
      case 23 -> of("SETRANGE", key(), Integer.toString(random.nextInt(60) - 5), value());
      case 24 -> of(one("INCR", "DECR"), key());
      case 25, 26 -> of(one("INCRBY", "DECRBY"), key(), number());
      case 27 -> of("INCRBYFLOAT", key(), one(FLOATS));
      case 28 -> of(one("DEL", "UNLINK", "EXISTS", "TOUCH"), key(), key());
      case 29 -> of("TYPE", key());
      case 30 -> of("RENAME", key(), key());
      case 31 -> of("RENAMENX", key(), key());
      case 32 -> of("COPY", key(), key(), one("REPLACE", "what"));
      case 33 -> of("COPY", key(), key(), "DB", one("0", "1", "15", "16", "x"), "REPLACE");
      case 34, 35 ->
          of(one("EXPIRE", "PEXPIRE"), key(), time(), one("NX", "XX", "GT", "LT", "what"));
      case 36 -> of(one("EXPIRE", "PEXPIRE"), key(), time());
      case 37 -> of(one("EXPIREAT", "PEXPIREAT"), key(), one("99999999999", "1", "x"));
      case 38 -> of(one("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"), key());
      case 39 -> of("PERSIST", key());
      case 40 -> of("OBJECT", one("ENCODING", "ENCODING", "what"), key());
      case 41 -> of("SETBIT", key(), one("0", "7", "100", "-1", "x"), one("0", "1", "2"));
      case 42 -> of("GETBIT", key(), one("0", "7", "100", "-1", "x"));
      case 43 -> of("BITCOUNT", key());
      case 44 -> of("BITCOUNT", key(), number(), number(), one("BIT", "BYTE", "what"));
      case 45 -> of("BITPOS", key(), one("0", "1", "2"), number(), number(), one("BIT", "BYTE"));
      case 46 -> of("BITPOS", key(), one("0", "1"), number());
      case 47 -> of("BITOP", one("AND", "OR", "XOR", "NOT", "what"), key(), key(), key());
      case 48 -> of("BITOP", "NOT", key(), key());
      case 49 ->
          of(
              "BITFIELD",
              key(),
              "OVERFLOW",
              one("WRAP", "SAT", "FAIL"),
              "INCRBY",
              one("i8", "u8", "u4", "i64", "u64", "u0"),
              one("0", "5", "#1", "-1"),
              number());
      case 50 -> of("BITFIELD", key(), "SET", one("i5", "u63"), one("0", "#2"), number());
      case 51 -> of("BITFIELD_RO", key(), "GET", one("i5", "u8", "x"), one("0", "#2", "x"));
      case 52 -> of(one("MULTI", "EXEC", "EXEC", "DISCARD"));
      case 53 -> of(one("WATCH", "UNWATCH"), key());
      case 54 -> of(one("SELECT", "SELECT", "SWAPDB"), one("0", "1", "16", "-1"));
      case 55 -> of(one("PING", "ECHO", "DBSIZE", "nothing", "what's this"), value());
      case 56 -> of("DUMP", key());
      default -> of(one("DBSIZE", "PING", "CLIENT", "CONFIG"));
    };
  }

  /// Asks and reads one whole reply as text.
  private static final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Wire(int port) throws IOException {
      this.socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(120_000);
      socket.setTcpNoDelay(true);
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    String ask(List<String> request) throws IOException {
      List<byte[]> words =
          request.stream().map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList();
      socket.getOutputStream().write(RespFixture.request(words));
      return reply();
    }

    private String reply() throws IOException {
      String line = line();
      int count = "*$".indexOf(line.charAt(0)) < 0 ? 0 : Integer.parseInt(line.substring(1));
      var text = new StringBuilder(line).append('\n');
      if (line.charAt(0) == '$' && count >= 0) {
        text.append(new String(in.readNBytes(count + 2), StandardCharsets.ISO_8859_1));
      } else if (line.charAt(0) == '*') {
        for (int i = 0; i < count; i++) {
          text.append(reply());
        }
      }
      return text.toString();
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      while (true) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("the server has closed the connection");
        }
        if (next == '\n') {
          return line.substring(0, line.length() - 1);
        }
        line.append((char) next);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
