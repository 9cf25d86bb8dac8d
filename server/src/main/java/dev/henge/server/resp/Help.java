package dev.henge.server.resp;

/// The answer of `... HELP` subcommands: lines for people.
final class Help {
  private Help() {}

  static void write(ReplyWriter out, String command, String... lines) {
    out.array(lines.length + 3);
    out.simple(command + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (String line : lines) {
      out.simple(line);
    }
    out.simple("HELP");
    out.simple("    Print this help.");
  }
}
