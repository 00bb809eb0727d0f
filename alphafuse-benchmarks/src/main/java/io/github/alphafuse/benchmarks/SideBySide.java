package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.model.Engine;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of the measurements: one task a process, one JSON line a result on standard
 * output.
 *
 * <p>The exit code is 0 for success, 2 for a command line or data that cannot be used and 1 for
 * everything else that goes wrong. Not thread-safe.
 */
@Command(
    name = "side-by-side",
    description = "Measures whole steps of the library and prints one JSON line a result.",
    subcommands = MakeDataCommand.class)
public final class SideBySide implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "What to measure: ${COMPLETION-CANDIDATES}.",
      completionCandidates = Task.Names.class,
      converter = Task.Converter.class)
  private @Nullable Task task;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The folder of emb.npy, seq.npy and next.npy; serving and growth need none.")
  private @Nullable Path data;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "How many steps are timed (serving: requests, live-serving: seconds); each task has a"
              + " default.",
      converter = Count.class)
  private @Nullable Integer steps;

  @Option(
      names = "--threads",
      paramLabel = "T",
      description = "Threads of the BLAS, set by the launcher (default: ${DEFAULT-VALUE}).",
      defaultValue = "1",
      converter = Count.class)
  private int threads;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "What computes a model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "AUTO")
  private Engine engine = Engine.AUTO;

  @Option(
      names = "--lazy-adam",
      description = "Update only the item rows that a SASRec step touches, not all of them.")
  private boolean lazyAdam;

  @Option(
      names = "--form",
      paramLabel = "FORM",
      description =
          "How dreamrec-predict samples: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "COLLAPSED")
  private Sampling.Form form = Sampling.Form.COLLAPSED;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "S",
      description = "How long untimed steps are made after the first (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private double warmUpSeconds;

  @Mixin private SizeOptions sizes = new SizeOptions();

  @Mixin HelpOption help = new HelpOption();

  private SideBySide() {}

  /**
   * Runs a measurement and ends the process with its exit code.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    PrintWriter results = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    // ND4J prints each operation that it differentiates to standard output, where only results
    // belong.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    int exitCode;
    try {
      exitCode = commandLine().setOut(results).execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "error: out of memory with a heap of "
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MB; set ALPHAFUSE_HEAP, for example to 12g");
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    results.flush();
    System.exit(exitCode);
  }

  /** A new command line, whose errors are one line on its error stream. */
  static CommandLine commandLine() {
    return new CommandLine(new SideBySide())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(
            (e, args) -> complain(e.getCommandLine(), e, CommandLine.ExitCode.USAGE))
        .setExecutionExceptionHandler((e, line, parsed) -> complain(line, e, exitCode(e)));
  }

  private static int exitCode(Exception e) {
    return e instanceof IllegalArgumentException || e instanceof UncheckedIOException
        ? CommandLine.ExitCode.USAGE
        : CommandLine.ExitCode.SOFTWARE;
  }

  private static int complain(CommandLine line, Exception e, int exitCode) {
    PrintWriter err = line.getErr();
    if (exitCode == CommandLine.ExitCode.USAGE) {
      err.println(
          "error: " + String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " "));
    } else {
      e.printStackTrace(err);
    }
    err.flush();
    return exitCode;
  }

  @Override
  public void run() {
    CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
    Task chosen = task;
    if (chosen == null) {
      throw new ParameterException(line, "--task is missing: one of " + Task.names());
    }
    checkArgument(
        warmUpSeconds >= 0 && Double.isFinite(warmUpSeconds),
        "--warm-up-seconds must be finite and at least 0, found %s",
        warmUpSeconds);
    warnOfThreads(line);
    RunSettings settings =
        new RunSettings(
            chosen,
            data,
            steps == null ? chosen.defaultSteps() : steps,
            threads,
            engine,
            lazyAdam,
            form,
            warmUpSeconds,
            sizes.sizes());
    chosen.measure(
        settings,
        report -> {
          line.getOut().println(report.toJson());
          line.getOut().flush();
        });
  }

  /** The BLAS read its threads before the program began: a run without the launcher may differ. */
  private void warnOfThreads(CommandLine line) {
    String blas = System.getenv("OMP_NUM_THREADS");
    if (!String.valueOf(threads).equals(blas)) {
      line.getErr()
          .println(
              "warning: --threads is "
                  + threads
                  + " but OMP_NUM_THREADS is "
                  + (blas == null ? "not set" : blas)
                  + "; the launcher sets both");
      line.getErr().flush();
    }
  }
}
