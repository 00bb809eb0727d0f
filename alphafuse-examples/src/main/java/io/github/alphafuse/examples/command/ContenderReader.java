package io.github.alphafuse.examples.command;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reads the options of each method: those for all methods, and behind them the method's own.
 *
 * @param <O> the options of a run
 */
final class ContenderReader<O extends RunOptions> {
  /** What is chosen once for a comparison. */
  private static final Set<String> SHARED = Set.of("metric", "mask_seen");

  private final Backbone<O> backbone;
  private final ComparisonRequest request;
  private final List<String> common;
  private @Nullable O base;

  /**
   * A reader.
   *
   * @param common the options for all methods, as they are written
   */
  ContenderReader(Backbone<O> backbone, ComparisonRequest request, List<String> common) {
    this.backbone = backbone;
    this.request = request;
    this.common = common;
    for (String argument : common) {
      requireFree("", flag(argument), flag(argument));
    }
  }

  /** A command line that fills the options of a run. */
  static CommandLine line(RunOptions options) {
    return RootCommand.configure(new CommandLine(options)).setOverwrittenOptionsAllowed(true);
  }

  private static String flag(String argument) {
    return argument.replaceFirst("=.*", "");
  }

  private void requireFree(String place, String flag, String shown) {
    String reason = backbone.reserved().get(flag);
    if (reason != null) {
      throw request.usage(place + shown + " " + reason);
    }
  }

  /** The options that all methods have in common. */
  O base() {
    O found = options("", common);
    base = found;
    return found;
  }

  private O options(String place, List<String> arguments) {
    O options = backbone.newOptions();
    CommandLine line = line(options);
    try {
      CommandLine.ParseResult parsed = line.parseArgs(arguments.toArray(String[]::new));
      options.complete(parsed::hasMatchedOption);
    } catch (UnmatchedArgumentException e) {
      String unknown = flag(e.getUnmatched().get(0));
      throw request.usage(
          place
              + "unknown: "
              + unknown
              + (backbone == Backbone.GRAPH ? " with --backbone graph" : "")
              + NearestName.find(unknown, line.getCommandSpec().optionsMap().keySet())
                  .map(name -> "; did you mean " + name + "?")
                  .orElse(""));
    } catch (ParameterException | IllegalArgumentException e) {
      throw request.usage(place + e.getMessage());
    }
    if (request.data().isGenerated()) {
      options.forGeneratedData();
    }
    if (base != null) {
      options.follow(base);
    }
    return options;
  }

  /**
   * A method with its options.
   *
   * @param learningRates the rates to choose from; none for that of the options
   * @param seeds the seeds
   */
  Contender<O> read(Variant variant, List<Double> learningRates, List<Long> seeds) {
    String place = "--methods " + variant.name() + ": ";
    List<String> own = new ArrayList<>();
    List<Long> ownSeeds = List.copyOf(new LinkedHashSet<>(seeds));
    for (Map.Entry<String, String> setting : variant.settings().entrySet()) {
      String flag = "--" + setting.getKey();
      requireFree(place, flag, setting.getKey());
      if (SHARED.contains(setting.getKey().replace('-', '_'))) {
        throw request.usage(
            place
                + setting.getKey()
                + " is the same for all methods: give "
                + flag
                + " "
                + setting.getValue()
                + ", not for one of them");
      }
      if (setting.getKey().equals("seeds")) {
        int count;
        try {
          count = new Numbers.Count().convert(setting.getValue());
        } catch (CommandLine.TypeConversionException e) {
          throw request.usage(place + "seeds: " + e.getMessage());
        }
        ownSeeds = ownSeeds.subList(0, Math.min(count, ownSeeds.size()));
      } else {
        own.add(flag + "=" + setting.getValue());
      }
    }
    List<String> arguments = new ArrayList<>(common);
    // A threshold wins over a dimension, but one that holds for all must not win over the own one.
    if (variant.settings().containsKey("null_dim")) {
      arguments.removeIf(text -> text.startsWith("--null"));
    }
    arguments.addAll(variant.flags());
    arguments.addAll(own);
    O first = options(place, arguments);
    List<Double> rates = List.copyOf(new LinkedHashSet<>(learningRates));
    if (rates.isEmpty() || variant.settings().containsKey("lr")) {
      rates = List.of(first.learningRate());
    }
    return new Contender<>(variant, () -> options(place, arguments), rates, ownSeeds);
  }
}
