package io.github.alphafuse.examples;

import io.github.alphafuse.examples.command.RootCommand;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
    // Set before any command runs, so that picocli's writers use the filter as well.
    System.setOut(new PrintStream(new Nd4jNoiseFilter(System.out), true, StandardCharsets.UTF_8));
    // Pictures are drawn into files only, so no display is needed.
    System.setProperty("java.awt.headless", "true");
    int exitCode;
    try {
      exitCode = RootCommand.commandLine().execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "error: out of memory with a heap of "
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MB; set ALPHAFUSE_HEAP, for example to 8g, or lower --batch_size");
      exitCode = CommandLine.ExitCode.SOFTWARE;
    } catch (LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      System.err.println("error: the native libraries cannot be used: " + cause.getMessage());
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    System.out.flush();
    System.exit(exitCode);
  }
}
