package io.github.alphafuse.examples.compare;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.NearestName;
import io.github.alphafuse.examples.option.Numbers;
import io.github.alphafuse.examples.option.RunOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the options of each method: the options for all methods, followed by its own. */
final class MethodReader {
  /** The options that are set once for all methods. */
  private static final Set<String> SHARED = Set.of("metric", "mask_seen");

  private final ComparisonRequest request;
  private final Backbone backbone;
  private final List<String> common;
  private final Set<String> warned = new HashSet<>();
  private @Nullable RunOptions base;

  /**
   * Creates a reader.
   *
   * @param common the options for all methods, as written on the command line
   */
  MethodReader(ComparisonRequest request, List<String> common) {
    this.request = request;
    this.backbone = request.options().backbone();
    this.common = common;
    for (String argument : common) {
      requireFree("", flag(argument), flag(argument));
    }
  }

  private static String flag(String argument) {
    return argument.replaceFirst("=.*", "");
  }

  private void requireFree(String place, String flag, String shown) {
    String reason = PassedOptions.reserved(backbone).get(flag);
    if (reason != null) {
      throw request.usage(place + shown + " " + reason);
    }
  }

  /** Returns the options that all methods share. */
  RunOptions base() {
    RunOptions found = options("", common);
    base = found;
    return found;
  }

  private RunOptions options(String place, List<String> arguments) {
    RunOptions options = backbone.newOptions();
    CommandLine line = PassedOptions.line(options);
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
              + NearestName.hint(unknown, line.getCommandSpec().optionsMap().keySet()));
    } catch (ParameterException | IllegalArgumentException e) {
      throw request.usage(place + e.getMessage());
    }
    if (request.options().data().isGenerated()) {
      options.training().forGeneratedData();
    }
    if (base != null) {
      options.follow(base);
    }
    return options;
  }

  /** Warns, once, of each of some options that has no effect with the others of a method. */
  private void warn(String place, RunOptions options, List<String> given) {
    CommandLine.ParseResult parsed =
        PassedOptions.line(backbone.newOptions()).parseArgs(given.toArray(String[]::new));
    for (String clause : options.withoutEffect(parsed::hasMatchedOption)) {
      if (warned.add(place + clause)) {
        request.warn(place + clause);
      }
    }
  }

  /**
   * Returns the runs of a method.
   *
   * @param learningRates the learning rates to choose from; if empty, the rate of the options is
   *     used
   * @param seeds the seeds
   */
  RunPlan plan(Method method, List<Double> learningRates, List<Long> seeds) {
    String place = "--methods " + method.name() + ": ";
    List<String> own = new ArrayList<>();
    List<Long> ownSeeds = List.copyOf(new LinkedHashSet<>(seeds));
    for (Map.Entry<String, String> setting : method.settings().entrySet()) {
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
    // A threshold overrides a dimension, but one for all methods must not override a method's own.
    if (method.settings().containsKey("null_dim")) {
      arguments.removeIf(text -> text.startsWith("--null"));
    }
    arguments.addAll(method.flags());
    arguments.addAll(own);
    RunOptions first = options(place, arguments);
    warn(request.isTested() ? place : "", first, request.isTested() ? own : arguments);
    List<Double> rates = List.copyOf(new LinkedHashSet<>(learningRates));
    if (rates.isEmpty() || method.settings().containsKey("lr")) {
      rates = List.of(first.training().learningRate());
    }
    return new RunPlan(method, () -> options(place, arguments), rates, ownSeeds);
  }
}
