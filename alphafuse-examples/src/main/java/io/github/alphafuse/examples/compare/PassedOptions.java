package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.Converters;
import io.github.alphafuse.examples.option.RunOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of the training commands that a command accepts and passes on to its runs. */
final class PassedOptions {
  private static final String BY_COMPARE = "is set by compare";

  private static final ImmutableMap<String, String> OF_SEQUENCES =
      ImmutableMap.<String, String>builder()
          .putAll(
              reasons(
                  BY_COMPARE,
                  "--model_type",
                  "--model-type",
                  "--random_seed",
                  "--random-seed",
                  "--checkpoint"))
          .putAll(reasons("is for train_diffusion alone", "--guidances"))
          .buildOrThrow();

  private static final ImmutableMap<String, String> OF_GRAPHS =
      ImmutableMap.<String, String>builder()
          .putAll(reasons(BY_COMPARE, "--random_seed", "--random-seed", "--seed", "--checkpoint"))
          .putAll(
              reasons(
                  "is set by the name of the method, one of " + GraphMethods.names(),
                  "--model",
                  "--model_type",
                  "--model-type",
                  "--loss",
                  "--loss_type",
                  "--loss-type",
                  "--projector"))
          .buildOrThrow();

  private final Set<OptionSpec> options = new LinkedHashSet<>();

  private static ImmutableMap<String, String> reasons(String reason, String... flags) {
    return Maps.toMap(ImmutableList.copyOf(flags), flag -> reason);
  }

  /** Returns the flags of a run that the user cannot give, each with the reason. */
  static ImmutableMap<String, String> reserved(Backbone backbone) {
    return backbone == Backbone.GRAPH ? OF_GRAPHS : OF_SEQUENCES;
  }

  /** Returns a command line that sets the options of a run. */
  static CommandLine line(RunOptions options) {
    return Converters.register(new CommandLine(options)).setOverwrittenOptionsAllowed(true);
  }

  /**
   * Adds the options of all backbones to a command, except reserved ones and those it already has.
   */
  void addTo(CommandSpec command) {
    for (Backbone backbone : Backbone.values()) {
      for (OptionSpec option : line(backbone.newOptions()).getCommandSpec().options()) {
        List<String> names = List.of(option.names());
        String[] free =
            names.stream()
                .filter(name -> !command.optionsMap().containsKey(name))
                .toArray(String[]::new);
        if (free.length > 0 && Collections.disjoint(names, reserved(backbone).keySet())) {
          OptionSpec copy = copy(option, free);
          command.addOption(copy);
          options.add(copy);
        }
      }
    }
  }

  /** Copies an option, under some of its names. Its value is passed on as written. */
  private static OptionSpec copy(OptionSpec option, String... names) {
    String initial = String.valueOf(option.initialValue());
    String[] description =
        Arrays.stream(option.description())
            .map(text -> text.replace("${DEFAULT-VALUE}", initial))
            .toArray(String[]::new);
    OptionSpec.Builder copy =
        OptionSpec.builder(names)
            .paramLabel(option.paramLabel())
            .hidden(option.hidden())
            .description(description);
    if (option.arity().max() == 0) {
      return copy.arity("0").type(boolean.class).build();
    }
    return copy.arity(option.arity().toString())
        .type(String.class)
        .fallbackValue(String.valueOf(option.fallbackValue()))
        .build();
  }

  /** Returns the given options, as written on the command line. */
  List<String> given(ParseResult parsed) {
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : parsed.matchedOptions()) {
      if (options.contains(option)) {
        arguments.add(
            option.arity().max() == 0
                ? option.longestName()
                : option.longestName() + "=" + option.<Object>getValue());
      }
    }
    return arguments;
  }
}
