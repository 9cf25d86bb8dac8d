package dev.henge.server.resp;

import java.nio.charset.StandardCharsets;

/// A request that is refused before it becomes an operation. Its message is the whole error line,
/// code included. Thrown for what users mistype, so it carries no stack.
final class CommandException extends Exception {
  static final String SYNTAX = "ERR syntax error";
  static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

  /// @param line its letters are the bytes that are sent, so that what a client wrote comes back as
  ///   it was ([Request#shown])
  CommandException(String line) {
    super(line, null, false, false);
  }

  byte[] bytes() {
    return line().getBytes(StandardCharsets.ISO_8859_1);
  }

  static CommandException syntax() {
    return new CommandException(SYNTAX);
  }

  String line() {
    return String.valueOf(getMessage());
  }
}
