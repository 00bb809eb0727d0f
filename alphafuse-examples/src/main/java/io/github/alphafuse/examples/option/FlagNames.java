package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The flags behind the names that the library's messages have for its own options. */
public final class FlagNames {
  /** Flags by the patterns of what messages say. */
  private static final ImmutableMap<String, String> FLAGS =
      ImmutableMap.<String, String>builder()
          .put(anywhere("embeddingDim"), "--hidden_dim")
          .put(anywhere("nullDim"), "--null_dim")
          .put(anywhere("nullThreshold"), "--null_thres")
          .put(anywhere("warmUp"), "--warm_up")
          .put(anywhere("kCore"), "--k_core")
          .put(anywhere("minRating"), "--min_rating")
          .put(anywhere("sampledRanking"), "--sampled_negatives")
          .put(first("ID initialiser"), "--ID_embs_init_type")
          .put(first("weight of the intention"), "--intention_weight")
          .put(first("dim"), "--hidden_dim")
          .put(first("heads"), "--num_heads")
          .put(first("stride"), "--linespace")
          .put(first("count"), "--shared_negatives")
          .put(first("negatives"), "--negatives")
          .put(first("interactions"), "--interactions")
          .put(first("history"), "--history")
          .buildOrThrow();

  private FlagNames() {}

  /** A name that stands for nothing else; behind dashes it was typed. */
  private static String anywhere(String name) {
    return "(?<![\\w-])" + name + "\\b";
  }

  /** A name that is a word, which means an option where a message begins with it. */
  private static String first(String name) {
    return "^" + name + "\\b";
  }

  /**
   * Puts flags in the place of the library's names.
   *
   * @param message what the library says
   * @param command the command that was executed; names of what it has no flag for stay
   * @param arguments the command line, which tells by which of their names flags were given
   * @return what to say to who typed the command
   */
  public static String inMessage(String message, CommandSpec command, List<String> arguments) {
    String named = message;
    for (Map.Entry<String, String> name : FLAGS.entrySet()) {
      OptionSpec option = command.optionsMap().get(name.getValue());
      if (option != null) {
        String flag = typed(option, arguments, name.getValue());
        named = named.replaceAll(name.getKey(), Matcher.quoteReplacement(flag));
      }
    }
    return named;
  }

  private static String typed(OptionSpec option, List<String> arguments, String otherwise) {
    for (String argument : arguments) {
      for (String name : option.names()) {
        if (argument.equals(name) || argument.startsWith(name + "=")) {
          return name;
        }
      }
    }
    return otherwise;
  }
}
