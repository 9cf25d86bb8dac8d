package dev.henge.cli.demo;

import dev.henge.cli.terminal.UserError;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A connection of the Lettuce library to one node, for the commands that Redis does not have.
///
/// - Threads: one.
final class EventualClient implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /// What a key holds.
  ///
  /// @param context to be handed back with a write
  /// @param values concurrent ones, or one, or none
  record Read(String context, List<String> values) {}

  /// What became of a write.
  ///
  /// @param copies that are durable
  /// @param hints how many of these are with somebody who stands in
  record Written(String context, long copies, long hints) {}

  /// A word that Lettuce does not know.
  private record Word(String text) implements ProtocolKeyword {
    @Override
    public byte[] getBytes() {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;

  private EventualClient(RedisClient client, StatefulRedisConnection<String, String> connection) {
    this.client = client;
    this.connection = connection;
  }

  /// Connects to a server on this machine.
  static EventualClient connect(int port) {
    RedisURI uri = RedisURI.Builder.redis("127.0.0.1", port).withTimeout(TIMEOUT).build();
    RedisClient client = RedisClient.create(uri);
    try {
      // RESP2: answers are plain arrays.
      client.setOptions(
          io.lettuce.core.ClientOptions.builder()
              .protocolVersion(io.lettuce.core.protocol.ProtocolVersion.RESP2)
              .build());
      return new EventualClient(client, client.connect());
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, TIMEOUT);
      throw UserError.failed("cannot connect to the server: " + e.getMessage());
    }
  }

  /// Makes an eventual keyspace of three copies.
  void create(String keyspace) {
    ask("HENGE.KEYSPACE", "CREATE", keyspace, "MODE", "EVENTUAL");
  }

  void select(String keyspace) {
    ask("SELECT", keyspace);
  }

  /// @param copies to be asked
  Read get(String key, int copies) {
    List<Object> answer = ask("HENGE.GET", key, "R", Integer.toString(copies));
    List<String> values = new ArrayList<>();
    answer.subList(1, answer.size()).forEach(value -> values.add(String.valueOf(value)));
    return new Read(String.valueOf(answer.getFirst()), values);
  }

  /// @param context of what the author has read
  /// @param copies to wait for
  Written put(String key, String value, String context, int copies) {
    return written(ask("HENGE.PUT", key, value, "CONTEXT", context, "W", Integer.toString(copies)));
  }

  /// A write by somebody who has read nothing.
  Written put(String key, String value, int copies) {
    return written(ask("HENGE.PUT", key, value, "W", Integer.toString(copies)));
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown(Duration.ZERO, TIMEOUT);
  }

  private static Written written(List<Object> answer) {
    return new Written(String.valueOf(answer.get(0)), (Long) answer.get(1), (Long) answer.get(2));
  }

  private List<Object> ask(String command, String... words) {
    var arguments = new CommandArgs<>(StringCodec.UTF8);
    for (String word : words) {
      arguments.add(word);
    }
    try {
      return connection
          .sync()
          .dispatch(new Word(command), new NestedMultiOutput<>(StringCodec.UTF8), arguments);
    } catch (RedisException e) {
      throw UserError.failed(command + " failed: " + e.getMessage());
    }
  }
}
