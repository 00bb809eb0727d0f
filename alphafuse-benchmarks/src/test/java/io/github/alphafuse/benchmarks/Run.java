package io.github.alphafuse.benchmarks;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** A command line that was executed, with what it printed. */
record Run(int exitCode, String out, String err) {

  /** A command line as it is written, arguments between spaces, with FOLDER for a folder. */
  static Run line(String line, Path folder) {
    String[] args = line.trim().split("\\s+", -1);
    for (int i = 0; i < args.length; i++) {
      args[i] = args[i].replace("FOLDER", folder.toString());
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        SideBySide.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = command.execute(args);
    return new Run(exitCode, out.toString(), err.toString());
  }

  /** The printed lines, each an object. */
  List<JsonObject> results() {
    return out.lines().map(printed -> JsonParser.parseString(printed).getAsJsonObject()).toList();
  }

  /** The first error on the error stream, warnings left out. */
  String error() {
    return err.lines().filter(printed -> printed.startsWith("error: ")).findFirst().orElse("");
  }
}
