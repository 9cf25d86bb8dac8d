package dev.henge.server.resp;

/// A request that is refused before it becomes an operation. Its message is the whole error line,
// code
/// included. Thrown for what users mistype, so it carries no stack.
final class CommandException extends Exception {
  static final String SYNTAX = "ERR syntax error";
  static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

  CommandException(String line) {
    super(line, null, false, false);
  }

  static CommandException syntax() {
    return new CommandException(SYNTAX);
  }

  static CommandException notAnInteger() {
    return new CommandException(NOT_AN_INTEGER);
  }

  String line() {
    return String.valueOf(getMessage());
  }
}
