package dev.henge.server.resp;

/// CLIENT and its subcommands.
final class ClientCommands {
  private ClientCommands() {}

  /// A name for a connection: no spaces, nothing unprintable.
  static String validName(Request request, int index) throws CommandException {
    for (byte letter : request.bytes(index)) {
      if (letter < '!' || letter > '~') {
        throw new CommandException(
            "ERR Client names cannot contain spaces, newlines or special characters.");
      }
    }
    return request.text(index);
  }
}
