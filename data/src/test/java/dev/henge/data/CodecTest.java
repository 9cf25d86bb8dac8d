package dev.henge.data;

import static dev.henge.data.ScratchGroup.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.OperationCodec;
import dev.henge.data.codec.ReplyCodec;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Operations and replies as bytes: pinned by `golden/codec.txt` (`-Drewrite=true` writes it anew;
/// a change to an existing line breaks logs that are on disks), read back as they were, and what is
/// none refused.
final class CodecTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/codec.txt");

  @Test
  void theBytesOfEveryCase() throws IOException {
    var lines = new ArrayList<String>();
    for (Operation operation : CodecSamples.operations()) {
      lines.add(describe(operation) + " = " + hex(OperationCodec.encode(operation)));
    }
    for (Reply reply : CodecSamples.replies()) {
      lines.add(describe(reply) + " = " + hex(ReplyCodec.encode(reply)));
    }
    String now = String.join("\n", lines) + "\n";
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GOLDEN, now);
    }
    assertEquals(Files.readString(GOLDEN), now, "rewritten by -Drewrite=true");
  }

  @Test
  void theWorkedExampleOfTheFormatPage() {
    var set =
        new Operation.Set(
            ScratchGroup.bytes("greeting"),
            ScratchGroup.bytes("hello"),
            new Expiry.In(1000),
            Condition.ALWAYS,
            false);
    assertEquals(
        "01" + "06" + "08" + "6772656574696e67" + "05" + "68656c6c6f" + "03d00f" + "00" + "00",
        hex(OperationCodec.encode(set)));
  }

  @Test
  void thePinnedBytesAreReadAsWhatTheyWere() throws IOException {
    List<String> lines = Files.readAllLines(GOLDEN);
    int operations = CodecSamples.operations().size();
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).split(" = ");
      byte[] bytes = HexFormat.of().parseHex(parts[1]);
      assertEquals(
          parts[0],
          describe(i < operations ? OperationCodec.decode(bytes) : ReplyCodec.decode(bytes)));
    }
  }

  @Test
  void thereIsASampleOfEveryCase() {
    Set<Class<?>> sampled = new HashSet<>();
    CodecSamples.operations().forEach(operation -> sampled.add(operation.getClass()));
    CodecSamples.replies().forEach(reply -> sampled.add(reply.getClass()));
    Set<Class<?>> cases = new HashSet<>();
    cases(Operation.class, cases);
    cases(Reply.class, cases);
    assertEquals(cases, sampled);
  }

  private static void cases(Class<?> type, Set<Class<?>> found) {
    if (!type.isSealed()) {
      found.add(type);
      return;
    }
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      cases(permitted, found);
    }
  }

  @Test
  void whatIsWrittenIsReadBack() {
    RandomTest.run(
        "operations as bytes",
        100,
        random -> {
          var operations = new RandomOperations(random);
          var group = new ScratchGroup();
          for (int i = 0; i < 100; i++) {
            Operation operation = operations.next(group.now);
            List<Operation.Watch> watches = List.of(group.watch(0, operations.key()));
            if (i % 10 == 0) {
              var steps = List.of(new Operation.Step(i % 3 - 1, operation));
              operation = new Operation.Transaction(steps, watches);
            }
            assertEquals(describe(operation), describe(decoded(OperationCodec.encode(operation))));
            Reply reply = group.apply(operation);
            assertEquals(describe(reply), describe(decodedReply(ReplyCodec.encode(reply))));
          }
        });
  }

  /// What is accepted can be evaluated, and is written again as something that reads the same.
  @Test
  void changedBytesAreRefusedOrAnotherOperation() {
    RandomTest.run(
        "changed bytes",
        300,
        random -> {
          var group = new ScratchGroup();
          group.limits = new Scope.Limits(100, 1000, 0);
          for (Operation sample : CodecSamples.operations()) {
            byte[] bytes = changed(random, OperationCodec.encode(sample));
            try {
              Operation operation = OperationCodec.decode(bytes);
              byte[] again = OperationCodec.encode(operation);
              assertEquals(describe(operation), describe(OperationCodec.decode(again)));
              group.apply(operation);
            } catch (IOException refused) {
              assertNamed(refused);
            }
          }
          for (Reply sample : CodecSamples.replies()) {
            byte[] bytes = changed(random, ReplyCodec.encode(sample));
            try {
              Reply reply = ReplyCodec.decode(bytes);
              assertEquals(describe(reply), describe(ReplyCodec.decode(ReplyCodec.encode(reply))));
            } catch (IOException refused) {
              assertNamed(refused);
            }
          }
        });
  }

  @Test
  void randomBytesAreRefused() {
    RandomTest.run(
        "random bytes",
        20_000,
        random -> {
          byte[] bytes = new byte[random.nextInt(60)];
          random.nextBytes(bytes);
          if (bytes.length > 1) {
            bytes[0] = 1;
            bytes[1] = (byte) random.nextInt(45);
          }
          try {
            OperationCodec.decode(bytes);
          } catch (IOException refused) {
            assertNamed(refused);
          }
          try {
            ReplyCodec.decode(bytes);
          } catch (IOException refused) {
            assertNamed(refused);
          }
        });
  }

  @Test
  void whatANewerVersionWroteIsRefusedByName() {
    assertNewer("format version 2", "0224");
    assertNewer("operation 200", "01c8");
    assertNewer("flags 2", "0106" + "016b" + "0176" + "00" + "00" + "02");
    assertNewer("kind of expiry 4", "0106" + "016b" + "0176" + "04");
    assertNewer("kind of condition 8", "0106" + "016b" + "0176" + "00" + "08");
  }

  @Test
  void whatNobodyWritesIsDamage() {
    assertDamaged("bytes follow its end", "0101016b00");
    assertDamaged("ends too early", "0101");
    assertDamaged("claims to hold", "0101ff7f6b");
    assertDamaged("more than 64 bits", "0101ffffffffffffffffff7f");
    assertDamaged("a transaction in a transaction", "012a01" + "00" + "2a0000" + "00");
    assertDamaged("a key without a value", "010701016b00");
    assertDamaged("not from 0 to 1", "010f016b0002");
    assertDamaged("another one of several", "0116016b" + "0701" + "0700");
    String nested = "01" + "0601".repeat(9) + "0600";
    assertDamagedReply("more than 8 deep", nested);
  }

  private static void assertNewer(String what, String bytes) {
    var refusal =
        assertThrows(
            FormatException.class, () -> OperationCodec.decode(HexFormat.of().parseHex(bytes)));
    assertTrue(String.valueOf(refusal.getMessage()).contains(what), refusal.getMessage());
  }

  private static void assertDamaged(String what, String digits) {
    byte[] bytes = HexFormat.of().parseHex(digits);
    var refusal = assertThrows(CorruptionException.class, () -> OperationCodec.decode(bytes));
    assertTrue(String.valueOf(refusal.getMessage()).contains(what), refusal.getMessage());
  }

  private static void assertDamagedReply(String what, String digits) {
    byte[] bytes = HexFormat.of().parseHex(digits);
    var refusal = assertThrows(CorruptionException.class, () -> ReplyCodec.decode(bytes));
    assertTrue(String.valueOf(refusal.getMessage()).contains(what), refusal.getMessage());
  }

  private static void assertNamed(IOException refused) {
    assertTrue(
        refused instanceof CorruptionException || refused instanceof FormatException,
        () -> "refused by " + refused);
  }

  private static Operation decoded(byte[] bytes) {
    try {
      return OperationCodec.decode(bytes);
    } catch (IOException e) {
      throw new AssertionError(hex(bytes), e);
    }
  }

  private static Reply decodedReply(byte[] bytes) {
    try {
      return ReplyCodec.decode(bytes);
    } catch (IOException e) {
      throw new AssertionError(hex(bytes), e);
    }
  }

  private static byte[] changed(Random random, byte[] bytes) {
    byte[] changed = bytes.clone();
    if (random.nextInt(4) == 0) {
      changed = Arrays.copyOf(bytes, random.nextInt(bytes.length + 5));
    }
    for (int i = random.nextInt(3); i >= 0 && changed.length > 0; i--) {
      int at = random.nextInt(changed.length);
      changed[at] = (byte) (random.nextBoolean() ? random.nextInt(16) : random.nextInt());
    }
    return changed;
  }

  /// All fields, lists and arrays included.
  private static String describe(@Nullable Object value) {
    return switch (value) {
      case null -> "-";
      case byte[] array -> Printable.of(array);
      case Reply.Bytes bytes -> Printable.of(bytes.bytes());
      case List<?> list ->
          list.stream().map(CodecTest::describe).collect(Collectors.joining(" ", "[", "]"));
      case Record record ->
          Arrays.stream(record.getClass().getRecordComponents())
              .map(component -> " " + describe(field(record, component)))
              .collect(Collectors.joining("", record.getClass().getSimpleName(), ""));
      default -> value.toString();
    };
  }

  private static @Nullable Object field(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
