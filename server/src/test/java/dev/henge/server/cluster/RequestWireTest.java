package dev.henge.server.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.data.Reply;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What nodes send each other of requests and answers.
final class RequestWireTest {
  @Test
  void anAnswerThatIsTooLongIsSaidToBe() throws IOException {
    var answer = new StrongWire.Answered(new Reply.Bytes(new byte[100]), 7, 3);
    var whole = StrongWire.decodeAnswer(StrongWire.encode(answer, 1000));
    assertEquals(100, assertInstanceOf(Reply.Bytes.class, whole.reply()).bytes().length);
    var told = StrongWire.decodeAnswer(StrongWire.encode(answer, 50));
    String message = assertInstanceOf(Reply.Failure.class, told.reply()).message();
    assertTrue(message.startsWith("done, but the answer of 1"), message);
    assertEquals(7, told.index());
    assertEquals(3, told.ageMillis());
  }
}
