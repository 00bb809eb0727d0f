package io.github.alphafuse.examples.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/** A command that was executed, with what it printed. */
record Execution(int exitCode, String out, String err) {

  static Execution of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        RootCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = line.execute(args);
    return new Execution(exitCode, out.toString(), err.toString());
  }

  /** A command line as it is written, arguments between spaces, with FOLDER for a folder. */
  static Execution line(String line, Path folder) {
    String[] args = line.trim().split("\\s+", -1);
    for (int i = 0; i < args.length; i++) {
      args[i] = args[i].replace("FOLDER", folder.toString());
    }
    return of(args);
  }

  /** The lines of the error stream. */
  long errorLines() {
    return err.lines().count();
  }
}
