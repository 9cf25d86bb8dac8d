package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/// Clients that people use, over a socket, on the real engine.
class RealClientsTest {
  @TempDir private static Path directory;
  private static SocketServer server;

  @BeforeAll
  static void start() throws IOException {
    server = new SocketServer(directory.resolve("data"), RespOptions.defaults());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @BeforeEach
  void empty() {
    try (var jedis = new Jedis("127.0.0.1", server.port, 60_000)) {
      jedis.flushAll();
    }
  }

  @Test
  void jedis() {
    try (var jedis = new Jedis("127.0.0.1", server.port, 60_000)) {
      assertEquals("OK", jedis.set("greeting", "hello", SetParams.setParams().ex(1_000)));
      assertEquals("hello", jedis.get("greeting"));
      assertTrue(jedis.ttl("greeting") > 100);
      assertNull(jedis.set("greeting", "again", SetParams.setParams().nx()));
      assertEquals(6, jedis.incrBy("count", 6));
      assertEquals(List.of("hello", "6"), jedis.mget("greeting", "count"));

      Pipeline pipeline = jedis.pipelined();
      List<Response<Long>> replies = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        replies.add(pipeline.incr("pipelined"));
      }
      pipeline.sync();
      assertEquals(1000, replies.getLast().get());

      jedis.watch("count");
      Transaction transaction = jedis.multi();
      Response<Long> count = transaction.incr("count");
      Response<String> greeting = transaction.get("greeting");
      transaction.exec();
      assertEquals(7, count.get());
      assertEquals("hello", greeting.get());

      for (int i = 0; i < 500; i++) {
        jedis.set("scan:" + i, "x");
      }
      Set<String> seen = new HashSet<>();
      String cursor = ScanParams.SCAN_POINTER_START;
      do {
        ScanResult<String> page = jedis.scan(cursor, new ScanParams().match("scan:*").count(50));
        seen.addAll(page.getResult());
        cursor = page.getCursor();
      } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
      assertEquals(500, seen.size());
      assertEquals(503, jedis.dbSize());

      byte[] dump = jedis.dump("greeting");
      assertEquals("OK", jedis.restore("restored", 0, dump));
      assertEquals("hello", jedis.get("restored"));
      jedis.select(3);
      assertNull(jedis.get("greeting"));
    }
  }

  @Test
  void lettuce() {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + server.port);
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      RedisCommands<String, String> redis = connection.sync();
      assertEquals("OK", redis.set("greeting", "hello", SetArgs.Builder.px(1_000_000)));
      assertEquals("hello", redis.get("greeting"));
      assertTrue(redis.pttl("greeting") > 100_000);
      assertEquals(1, redis.append("bits", "a"));
      assertEquals(3, redis.bitcount("bits"));
      redis.multi();
      redis.set("a", "1");
      redis.incr("a");
      assertEquals(List.of("OK", 2L), redis.exec().stream().toList());
      KeyScanCursor<String> page = redis.scan(ScanArgs.Builder.limit(100));
      List<String> keys = new ArrayList<>(page.getKeys());
      while (!page.isFinished()) {
        page = redis.scan(ScanCursor.of(page.getCursor()), ScanArgs.Builder.limit(100));
        keys.addAll(page.getKeys());
      }
      assertEquals(Set.of("greeting", "bits", "a"), Set.copyOf(keys));
      assertTrue(redis.info("server").contains("redis_version:7.2."));
      assertThrows(RuntimeException.class, () -> redis.incr("greeting"));
    } finally {
      client.shutdown();
    }
  }

  @Test
  void aPeerThatEndsItsStreamStillGetsItsAnswers() throws IOException {
    try (var socket = new Socket("127.0.0.1", server.port)) {
      socket.getOutputStream().write(RespFixture.ascii("SET half open\r\nGET half\r\n"));
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      assertEquals("+OK\r\n$4\r\nopen\r\n", new String(in.readAllBytes(), "US-ASCII"));
    }
  }
}
