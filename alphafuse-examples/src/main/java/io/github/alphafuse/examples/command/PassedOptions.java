package io.github.alphafuse.examples.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of the training commands where a command takes them to be passed on to its runs. */
final class PassedOptions {
  private final Set<OptionSpec> options = new LinkedHashSet<>();

  /** Adds the options of all backbones to a command, but for those that it has or keeps. */
  void addTo(CommandSpec command) {
    for (Backbone<?> backbone : Backbone.ALL) {
      CommandSpec spec = ContenderReader.line(backbone.newOptions()).getCommandSpec();
      for (OptionSpec option : spec.options()) {
        List<String> names = List.of(option.names());
        String[] free =
            names.stream()
                .filter(name -> !command.optionsMap().containsKey(name))
                .toArray(String[]::new);
        if (free.length > 0 && Collections.disjoint(names, backbone.reserved().keySet())) {
          OptionSpec copy = copy(option, free);
          command.addOption(copy);
          options.add(copy);
        }
      }
    }
  }

  /** An option, under some of its names, whose value is passed on as it is written. */
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

  /** The options that were given, as they are written. */
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
