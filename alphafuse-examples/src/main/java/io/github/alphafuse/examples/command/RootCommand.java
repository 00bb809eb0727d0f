package io.github.alphafuse.examples.command;

import com.google.common.base.Throwables;
import io.github.alphafuse.core.internal.FileFailure;
import io.github.alphafuse.examples.compare.ComparisonOptions;
import io.github.alphafuse.examples.option.CommandFailedException;
import io.github.alphafuse.examples.option.Converters;
import io.github.alphafuse.examples.option.FlagNames;
import io.github.alphafuse.examples.option.Heading;
import io.github.alphafuse.examples.option.IdleOptionException;
import io.github.alphafuse.examples.option.NearestName;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Layout;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root command, which contains all others. */
@Command(
    name = "alphafuse",
    mixinStandardHelpOptions = true,
    versionProvider = RootCommand.Version.class,
    description = "Sequential recommendation with IDs in the null space of language embeddings.",
    subcommands = {
      PrepareCommand.class,
      TrainCommand.class,
      TrainDiffusionCommand.class,
      TrainGraphCommand.class,
      CompareCommand.class,
      TuneCommand.class,
      EvaluateCommand.class,
      RecommendCommand.class,
      ServeCommand.class,
      DecomposeCommand.class,
      DescribeCommand.class,
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
   * Returns a command line that is ready to run. It reports an error as one line on its error
   * stream.
   *
   * @return a new command line
   */
  public static CommandLine commandLine() {
    return commandLine(CommandLine.defaultFactory());
  }

  /** A command line whose commands a factory makes. */
  static CommandLine commandLine(IFactory factory) {
    RootCommand root = new RootCommand();
    CommandLine line = Converters.register(new CommandLine(root, factory));
    for (CommandLine command : line.getSubcommands().values()) {
      for (CommandSpec mixin : command.getCommandSpec().mixins().values()) {
        if (mixin.userObject() instanceof ComparisonOptions options) {
          options.addPassedOptions(command.getCommandSpec());
        }
      }
    }
    for (CommandLine command : line.getSubcommands().values()) {
      command
          .getHelpSectionMap()
          .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, RootCommand::optionsInGroups);
    }
    return line.setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(root::usageError)
        .setExecutionExceptionHandler(root::failure);
  }

  /** The options of a command under the headings of the classes that declare them. */
  private static String optionsInGroups(Help help) {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    for (OptionSpec option : help.commandSpec().options()) {
      if (!option.hidden()) {
        groups.computeIfAbsent(heading(option), any -> new ArrayList<>()).add(option);
      }
    }
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (heading, options) -> {
          Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
          layout.addOptions(options, help.createDefaultParamLabelRenderer());
          text.append(String.format(Locale.ROOT, "%n%s:%n%s", heading, layout));
        });
    return text.toString();
  }

  private static String heading(OptionSpec option) {
    Heading heading =
        option.userObject() instanceof Field field
            ? field.getDeclaringClass().getAnnotation(Heading.class)
            : null;
    return heading == null ? "Options" : heading.value();
  }

  /** Reports the missing sub-command and lists the available ones. */
  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(
        line, "a command is missing: one of " + String.join(", ", line.getSubcommands().keySet()));
  }

  private int usageError(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String message = firstLine(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = "unknown: " + String.join(" ", unmatched.getUnmatched()) + suggestions(unmatched);
    }
    printUsageError(line, FlagNames.inMessage(message, line.getCommandSpec(), List.of(args)), e);
    return CommandLine.ExitCode.USAGE;
  }

  private void printUsageError(CommandLine line, String message, Exception e) {
    print(
        line,
        message + " (" + line.getCommandSpec().qualifiedName() + " --help lists the options)",
        e);
  }

  private static String suggestions(UnmatchedArgumentException unmatched) {
    CommandLine line = unmatched.getCommandLine();
    Set<String> names = new TreeSet<>(line.getSubcommands().keySet());
    names.addAll(line.getCommandSpec().optionsMap().keySet());
    return NearestName.hint(unmatched.getUnmatched().get(0), names);
  }

  private int failure(Exception e, CommandLine line, ParseResult parsed) {
    String message = FlagNames.inMessage(describe(e), line.getCommandSpec(), parsed.expandedArgs());
    if (e instanceof IdleOptionException) {
      printUsageError(line, message, e);
      return CommandLine.ExitCode.USAGE;
    }
    print(line, message, e);
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
    for (Throwable cause : Throwables.getCausalChain(e)) {
      if (cause instanceof InvalidPathException path) {
        return firstLine(Converters.notAPath(path));
      }
    }
    String message = e.getMessage();
    boolean expected =
        e instanceof CommandFailedException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException
            || e instanceof ArithmeticException
            || e instanceof UncheckedIOException;
    if (!expected || message == null) {
      return "unexpected " + e + (verbose ? "" : " (--verbose shows where)");
    }
    if (e instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      String reason = FileFailure.reason(unchecked.getCause());
      return firstLine(message.contains(reason) ? message : message + ": " + reason);
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
