package dev.henge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Seams;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.DiskOperation.Kind;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import dev.henge.server.net.NettyNetwork;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/// What clients are told, over real sockets, while the disk is full, slow or broken.
final class DiskTroubleTest {
  private static final int DEADLINE_SECONDS = 180;

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SystemThreads threads = new SystemThreads();
  private final NettyNetwork network =
      new NettyNetwork(NettyNetwork.Options.defaults().withEventThreadCount(2));
  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch tablesAllowed = new CountDownLatch(1);

  @SuppressWarnings("NullAway.Init") // set before each test
  private Server server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Jedis redis;

  @BeforeEach
  void start() throws Exception {
    NodeConfig config =
        NodeConfig.builder()
            .set(Settings.DATA, "/data")
            .set(Settings.PORT, 0)
            .set(Settings.MEMTABLE, 1L << 20)
            .set(Settings.KEYSPACE_MEMTABLE, 1L << 20)
            .build();
    var seams = new Seams(new SystemClock(), disk, network, new SystemRandomness(), threads);
    server = Server.start(config, seams);
    redis = new Jedis("127.0.0.1", server.respPort(), DEADLINE_SECONDS * 1000);
  }

  @AfterEach
  void stop() throws IOException {
    tablesAllowed.countDown();
    redis.close();
    http.close();
    server.close();
    network.close();
    threads.close();
  }

  @Test
  void aFullDiskRefusesWritesByNameAndTakesThemAgainWhenSpaceReturns() throws Exception {
    redis.set("before", "1");
    disk.capacity(disk.usedBytes());
    byte[] value = new byte[100_000];
    JedisDataException refused =
        assertThrows(
            JedisDataException.class,
            () -> {
              for (int i = 0; i < 10_000; i++) {
                redis.set(("key" + i).getBytes("US-ASCII"), value);
              }
            });
    assertTrue(String.valueOf(refused.getMessage()).startsWith("DISKFULL "), refused.toString());
    assertEquals("1", redis.get("before"));
    assertEquals("PONG", redis.ping());
    HttpResponse<String> put = put("after", "1".repeat(100_000));
    assertEquals(507, put.statusCode(), put.body());
    assertTrue(put.body().contains("\"disk_full\""), put.body());
    assertEquals(200, get("before").statusCode());
    assertTrue(redis.info("persistence").contains("aof_last_write_status:err"));

    disk.capacity(1L << 40);
    until(() -> put("after", "2").statusCode() / 100 == 2);
    assertEquals("OK", redis.set("again", "3"));
    assertEquals("2", redis.get("after"));
    assertTrue(redis.info("persistence").contains("aof_last_write_status:ok"));
  }

  /// A keyspace of two groups is replicated, also where there is one member only. A write that is
  /// in its log when space ends is done when there is some; those behind it are refused.
  @Test
  void aReplicatedKeyspaceRefusesByNameAndGoesOnWhenSpaceReturns() throws Exception {
    var declare =
        HttpRequest.newBuilder(uri("/v1/keyspaces/wide"))
            .PUT(HttpRequest.BodyPublishers.ofString("{\"groups\":2}"));
    assertEquals(201, send(declare).statusCode());
    redis.sendCommand(Protocol.Command.SELECT, "wide");
    redis.set("before", "1");
    disk.capacity(disk.usedBytes());
    byte[] value = new byte[100_000];
    var acknowledged = new ArrayList<String>();
    String named = "";
    for (int i = 0; i < 10_000 && named.isEmpty(); i++) {
      try {
        redis.set(("{one}" + i).getBytes("US-ASCII"), value);
        acknowledged.add("{one}" + i);
      } catch (JedisDataException refused) {
        String why = String.valueOf(refused.getMessage());
        if (why.startsWith("DISKFULL ")) {
          named = "{one}" + i;
        } else {
          assertTrue(why.startsWith("UNKNOWN "), why);
        }
      }
    }
    assertFalse(named.isEmpty(), "space ends some time");
    HttpResponse<String> put =
        send(
            HttpRequest.newBuilder(uri("/v1/wide/keys/%7Bone%7D"))
                .PUT(HttpRequest.BodyPublishers.ofString("1")));
    assertEquals(507, put.statusCode(), put.body());
    assertTrue(put.body().contains("\"disk_full\""), put.body());
    HttpResponse<String> health = send(HttpRequest.newBuilder(uri("/health")));
    assertTrue(health.body().contains("the disk is full"), health.body());

    disk.capacity(1L << 40);
    until(() -> {
      try {
        return redis.set("{one}again", "3").equals("OK");
      } catch (JedisDataException still) {
        assertTrue(String.valueOf(still.getMessage()).startsWith("DISKFULL "), still::toString);
        return false;
      }
    });
    assertNull(redis.get(named));
    for (String key : acknowledged) {
      assertEquals(value.length, redis.strlen(key), key);
    }
    until(() -> send(HttpRequest.newBuilder(uri("/health"))).statusCode() == 200);
  }

  @Test
  void afterAFailedSyncTheOutcomeIsCalledUnknownAndWritesStop() throws Exception {
    redis.set("before", "1");
    var broken = new AtomicBoolean(true);
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (broken.get() && operation.kind() == Kind.SYNC && operation.names(".wal")) {
              throw new IOException("the device does not answer");
            }
          }
        });
    HttpResponse<String> unknown = put("unsure", "1");
    assertEquals(500, unknown.statusCode(), unknown.body());
    assertTrue(unknown.body().contains("\"unknown_outcome\""), unknown.body());
    broken.set(false);
    HttpResponse<String> stopped = put("later", "1");
    assertEquals(503, stopped.statusCode(), stopped.body());
    assertTrue(stopped.body().contains("\"writer_stopped\""), stopped.body());
    JedisDataException refused =
        assertThrows(JedisDataException.class, () -> redis.set("later", "1"));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("STOPPED "), refused.toString());
    assertEquals("1", redis.get("before"));
    assertEquals(200, get("before").statusCode());
    assertEquals(503, send(HttpRequest.newBuilder(uri("/health"))).statusCode());
  }

  @Test
  void overRespAFailedSyncIsUnknownToo() {
    redis.set("before", "1");
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (operation.kind() == Kind.SYNC && operation.names(".wal")) {
              throw new IOException("the device does not answer");
            }
          }
        });
    JedisDataException unknown =
        assertThrows(JedisDataException.class, () -> redis.set("unsure", "1"));
    assertTrue(String.valueOf(unknown.getMessage()).startsWith("UNKNOWN "), unknown.toString());
    assertEquals("1", redis.get("before"));
  }

  /// Flushing stands still until memory for writes is used up. The connection that writes waits,
  /// others do not, and in the end nothing has failed.
  @Test
  void writesThatFlushingCannotKeepUpWithWaitAndSucceed() throws Exception {
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (operation.kind() == Kind.CREATE && operation.names(".sst")) {
              try {
                tablesAllowed.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
          }
        });
    int count = 80;
    String value = "v".repeat(100_000);
    try (Jedis writer = new Jedis("127.0.0.1", server.respPort(), DEADLINE_SECONDS * 1000)) {
      Pipeline pipeline = writer.pipelined();
      var replies = new ArrayList<Response<String>>();
      var sender =
          new Thread(() -> {
            for (int i = 0; i < count; i++) {
              replies.add(pipeline.set("key" + i, value + i));
            }
            pipeline.sync();
          });
      sender.start();
      until(this::stalled);
      assertEquals("PONG", redis.ping());
      assertEquals(value + 0, redis.get("key0"));
      tablesAllowed.countDown();
      sender.join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
      assertEquals(count, replies.size());
      for (Response<String> reply : replies) {
        assertEquals("OK", reply.get());
      }
    }
    for (int i = 0; i < count; i++) {
      assertEquals(value + i, redis.get("key" + i));
    }
  }

  @Test
  void aNamedKeyspaceIsSelectedByName() throws Exception {
    var declare =
        HttpRequest.newBuilder(uri("/v1/keyspaces/users"))
            .PUT(HttpRequest.BodyPublishers.ofString("{}"));
    assertEquals(201, send(declare).statusCode());
    redis.set("name", "in database 0");
    redis.sendCommand(Protocol.Command.SELECT, "users");
    assertNull(redis.get("name"));
    redis.set("name", "in users");
    assertEquals(1, redis.dbSize());
    assertEquals("in users", send(HttpRequest.newBuilder(uri("/v1/users/keys/name"))).body());
    assertThrows(JedisDataException.class, redis::flushAll);
    assertEquals("OK", redis.select(0));
    assertEquals("in database 0", redis.get("name"));
    assertThrows(
        JedisDataException.class, () -> redis.sendCommand(Protocol.Command.SELECT, "nobody"));
    assertEquals("in database 0", redis.get("name"));
  }

  /// Whether a writer has waited for room.
  private boolean stalled() throws Exception {
    return send(HttpRequest.newBuilder(uri("/metrics")))
        .body()
        .lines()
        .anyMatch(line -> line.matches("henge_\\S*stall_seconds\\S* .*[1-9].*"));
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  /// Asks again and again; the time is only there so that a failure ends.
  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "not within " + DEADLINE_SECONDS + " s");
    }
  }

  private URI uri(String path) {
    return URI.create("http://" + server.httpAddress() + path);
  }

  private HttpResponse<String> put(String key, String value) throws Exception {
    return send(
        HttpRequest.newBuilder(uri("/v1/default/keys/" + key))
            .PUT(HttpRequest.BodyPublishers.ofString(value)));
  }

  private HttpResponse<String> get(String key) throws Exception {
    return send(HttpRequest.newBuilder(uri("/v1/default/keys/" + key)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
