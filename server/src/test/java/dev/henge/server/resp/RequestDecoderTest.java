package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestDecoderTest {
  private static final RequestDecoder.Limits LIMITS =
      new RequestDecoder.Limits() {
        @Override
        public int bulkBytesMax() {
          return 1 << 30;
        }

        @Override
        public long requestBytesMax() {
          return 1 << 20;
        }
      };

  private final CommandTable table = CommandTable.standard();

  @Test
  void requestsAreTheSameHoweverTheyAreCut() {
    var stream = new ByteArrayOutputStream();
    stream.writeBytes(RespFixture.request("SET", "key", "value"));
    stream.writeBytes(RespFixture.ascii("get 'a key' \"\\x00\\n\"\r\n\r\nPING\n"));
    stream.writeBytes(RespFixture.request("gEt", "", "x".repeat(100)));
    stream.writeBytes(RespFixture.ascii("*0\r\n*-1\r\n"));
    stream.writeBytes(RespFixture.request("no-such-command", "\r\n\r\n"));
    byte[] bytes = stream.toByteArray();
    List<String> whole = decode(bytes, bytes.length);
    assertEquals(5, whole.size());
    for (int cut = 1; cut < bytes.length; cut++) {
      assertEquals(whole, decode(bytes, cut), "in pieces of " + cut);
    }
    for (int at = 1; at < bytes.length; at++) {
      assertEquals(whole, decode(bytes, at, bytes.length), "cut at " + at);
    }
  }

  @Test
  void randomBytesAreRequestsOrRefused() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("RequestDecoderTest -Dseed=" + seed);
    var random = new Random(seed);
    byte[] alphabet = RespFixture.ascii("*$\r\n\r\n0123456789-abG'\"\\x \u0000\u00ff");
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(64)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      if (random.nextBoolean()) {
        bytes[0] = '*';
      }
      List<String> whole = decode(bytes, bytes.length);
      assertEquals(whole, decode(bytes, 1), "round " + round);
    }
  }

  @Test
  void announcedGigabytesCostNothing() throws ProtocolException {
    var generous =
        new RequestDecoder.Limits() {
          @Override
          public int bulkBytesMax() {
            return Integer.MAX_VALUE;
          }

          @Override
          public long requestBytesMax() {
            return Long.MAX_VALUE;
          }
        };
    Runtime runtime = Runtime.getRuntime();
    long roomBytes = runtime.maxMemory();
    List<RequestDecoder> all = new ArrayList<>();
    for (long announced = 0; announced < roomBytes * 2; announced += Integer.MAX_VALUE) {
      var decoder = new RequestDecoder(table, generous);
      Request request = request();
      assertEquals(
          false,
          decoder.decode(
              ByteBuffer.wrap(RespFixture.ascii("*2147483647\r\n$2147483647\r\nx")),
              request,
              true));
      all.add(decoder);
    }
    assertTrue(all.size() > 1);
  }

  @Test
  void aRequestIsBoundedAsAWhole() {
    String part = "$100000\r\n" + "x".repeat(100_000) + "\r\n";
    assertRefused("*20\r\n" + part.repeat(11), "too big request");
    assertRefused("*2147483647\r\n" + "$0\r\n\r\n".repeat(40_000), "too big request");
  }

  @Test
  void linesAreBounded() {
    assertRefused("x".repeat(70_000), "too big inline request");
    assertRefused("*" + "1".repeat(70_000), "too big mbulk count string");
    assertRefused("*1\r\n$" + "1".repeat(70_000), "too big bulk count string");
  }

  private void assertRefused(String bytes, String message) {
    var decoder = new RequestDecoder(table, LIMITS);
    ByteBuffer in = ByteBuffer.wrap(RespFixture.ascii(bytes));
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> decoder.decode(in, request(), true));
    assertEquals(message, refused.getMessage());
  }

  private static Request request() {
    return new Request(new RespFixture.ManualClock(), new ScanCursors());
  }

  /// Decodes pieces that end at each of `ends`, or at multiples of the only one.
  private List<String> decode(byte[] bytes, int... ends) {
    var decoder = new RequestDecoder(table, LIMITS);
    Request request = request();
    var input = new InputBuffer();
    var requests = new ArrayList<String>();
    int from = 0;
    int piece = 0;
    while (from < bytes.length) {
      int to = ends.length == 1 ? Math.min(bytes.length, from + ends[0]) : ends[piece++];
      input.append(ByteBuffer.wrap(bytes, from, to - from));
      try {
        while (decoder.decode(input.view(), request, true)) {
          requests.add(shown(request));
          request.clear();
        }
      } catch (ProtocolException refused) {
        requests.add("refused: " + refused.getMessage());
        return requests;
      }
      input.tidy();
      from = to;
    }
    return requests;
  }

  private static String shown(Request request) {
    var text = new StringBuilder(request.command() == null ? "unknown" : "known");
    for (int i = request.command() == null ? 0 : 1; i < request.count(); i++) {
      text.append('|').append(new String(request.bytes(i), StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }
}
