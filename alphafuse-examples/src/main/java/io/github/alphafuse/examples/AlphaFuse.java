package io.github.alphafuse.examples;

import io.github.alphafuse.examples.command.RootCommand;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine;

/**
 * The command line of AlphaFuse. {@code --help} lists its commands.
 *
 * <p>The exit code is 0 for success, 2 for an invalid command line and 1 for any other error.
 */
public final class AlphaFuse {
  private AlphaFuse() {}

  /**
   * Runs a command and ends the process with its exit code.
   *
   * @param args the sub-command and its options; {@code --help} lists them
   */
  public static void main(String[] args) {
    // The same digits and bytes on every machine, also in a container without a locale.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    System.setOut(new PrintStream(new Nd4jNoiseFilter(System.out), true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(System.err, true, StandardCharsets.UTF_8));
    // Pictures are drawn into files only, so no display is needed.
    System.setProperty("java.awt.headless", "true");
    int exitCode;
    try {
      exitCode =
          RootCommand.commandLine()
              .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
              .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
              .execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println("error: " + outOfMemory(e));
      exitCode = CommandLine.ExitCode.SOFTWARE;
    } catch (LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      System.err.println("error: the native libraries cannot be used: " + cause.getMessage());
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    System.out.flush();
    System.exit(exitCode);
  }

  /** Names the limit that was reached and the setting that raises it. */
  static String outOfMemory(OutOfMemoryError e) {
    String message = String.valueOf(e.getMessage());
    // JavaCPP's limits of memory outside the heap follow from the size of the heap.
    String where =
        message.contains("Bytes")
            ? "out of memory outside the heap (" + message + ")"
            : "out of memory";
    return where
        + " with a heap of "
        + Runtime.getRuntime().maxMemory() / (1 << 20)
        + " MB; set a larger one (ALPHAFUSE_HEAP=8g for the script alphafuse, -Xmx8g for java), or"
        + " lower --batch_size";
  }
}
