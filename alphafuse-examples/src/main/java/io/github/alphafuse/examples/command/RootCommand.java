package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.dreamrec.Denoiser;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.evaluate.LongTailProtocol;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.nullspace.RowNormalization;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command that holds the others. */
@Command(
    name = "alphafuse",
    mixinStandardHelpOptions = true,
    versionProvider = RootCommand.Version.class,
    description = "Sequential recommendation with IDs in the null space of language embeddings.",
    subcommands = {
      TrainCommand.class,
      TrainDiffusionCommand.class,
      TrainGraphCommand.class,
      CompareCommand.class,
      TuneCommand.class,
      EvaluateCommand.class,
      RecommendCommand.class,
      DecomposeCommand.class,
      GenerateDataCommand.class
    })
public final class RootCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean verbose;

  private RootCommand() {}

  /**
   * The command line, ready to be executed: errors are one line on its error stream.
   *
   * @return a new command line
   */
  public static CommandLine commandLine() {
    RootCommand root = new RootCommand();
    CommandLine line = configure(new CommandLine(root));
    for (CommandLine command : line.getSubcommands().values()) {
      for (CommandSpec mixin : command.getCommandSpec().mixins().values()) {
        if (mixin.userObject() instanceof ComparisonOptions options) {
          options.passed().addTo(command.getCommandSpec());
        }
      }
    }
    return line.setParameterExceptionHandler(root::usageError)
        .setExecutionExceptionHandler(root::failure);
  }

  /** Teaches a command line the values of the options. */
  static CommandLine configure(CommandLine line) {
    return line.registerConverter(Backbone.class, new Choices<>(Backbone.values()))
        .registerConverter(Engine.class, new Choices<>(Engine.values()))
        .registerConverter(Positions.class, new Choices<>(Positions.values()))
        .registerConverter(Similarity.class, new Choices<>(Similarity.values()))
        .registerConverter(
            SequenceTrainingOptions.RateSchedule.class,
            new Choices<>(SequenceTrainingOptions.RateSchedule.values()))
        .registerConverter(LossType.class, new Choices<>(LossType.values()))
        .registerConverter(DiffusionLoss.class, name -> named(DiffusionLoss::named, name))
        .registerConverter(BetaSchedule.class, new Choices<>(BetaSchedule.values()))
        .registerConverter(Denoiser.class, new Choices<>(Denoiser.values()))
        .registerConverter(SamplerType.class, new Choices<>(SamplerType.values()))
        .registerConverter(SolverType.class, new Choices<>(SolverType.values()))
        .registerConverter(SplitType.class, new Choices<>(SplitType.values()))
        .registerConverter(LongTailProtocol.class, new Choices<>(LongTailProtocol.values()))
        .registerConverter(GraphOptions.Kind.class, new Choices<>(GraphOptions.Kind.values()))
        .registerConverter(
            GraphOptions.PairLoss.class, new Choices<>(GraphOptions.PairLoss.values()))
        .registerConverter(Projector.class, new Choices<>(Projector.values()))
        .registerConverter(RowNormalization.class, new Choices<>(RowNormalization.values()))
        .registerConverter(Metric.class, name -> named(Metric::named, name))
        .setUsageHelpWidth(100)
        .setUsageHelpAutoWidth(true)
        .setAbbreviatedOptionsAllowed(false);
  }

  private static <T> T named(Function<String, T> values, String name) {
    try {
      return values.apply(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Without a sub-command there is nothing to do but to say what there is. */
  @Override
  public void run() {
    CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(
        line, "a command is missing: one of " + String.join(", ", line.getSubcommands().keySet()));
  }

  private int usageError(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String message = firstLine(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = "unknown: " + String.join(" ", unmatched.getUnmatched()) + suggestions(unmatched);
    }
    print(
        line,
        message + " (" + line.getCommandSpec().qualifiedName() + " --help lists the options)",
        e);
    return CommandLine.ExitCode.USAGE;
  }

  private static String suggestions(UnmatchedArgumentException unmatched) {
    CommandLine line = unmatched.getCommandLine();
    Set<String> names = new TreeSet<>(line.getSubcommands().keySet());
    names.addAll(line.getCommandSpec().optionsMap().keySet());
    return NearestName.hint(unmatched.getUnmatched().get(0), names);
  }

  private int failure(Exception e, CommandLine line, ParseResult parsed) {
    print(line, describe(e), e);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void print(CommandLine line, String message, Exception e) {
    PrintWriter err = line.getErr();
    err.println("error: " + message);
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  private String describe(Exception e) {
    String message = e.getMessage();
    boolean expected =
        e instanceof CommandFailedException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException
            || e instanceof ArithmeticException
            || e instanceof java.io.UncheckedIOException;
    if (!expected || message == null) {
      return "unexpected " + e + (verbose ? "" : " (--verbose shows where)");
    }
    Throwable cause = e.getCause();
    if (cause instanceof NoSuchFileException) {
      return firstLine(message) + ": no such file or folder";
    }
    return firstLine(message);
  }

  private static String firstLine(@Nullable String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** The version of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = RootCommand.class.getPackage().getImplementationVersion();
      return new String[] {"alphafuse " + (version == null ? "(development)" : version)};
    }
  }
}
