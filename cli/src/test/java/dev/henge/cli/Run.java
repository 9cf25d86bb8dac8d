package dev.henge.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/// One `henge` command line, run in this process, with what it printed.
record Run(int status, String out, String err) {
  static Run henge(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Henge.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int status = line.execute(arguments);
    return new Run(status, out.toString(), err.toString());
  }
}
