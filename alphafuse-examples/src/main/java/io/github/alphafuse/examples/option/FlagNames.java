package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Replaces the names of the library's options in its messages by command-line flags. */
public final class FlagNames {
  /** Flags by the patterns of the names in messages. */
  private static final ImmutableMap<String, String> FLAGS =
      ImmutableMap.<String, String>builder()
          .put(anywhere("embeddingDim"), "--hidden_dim")
          .put(anywhere("nullDim"), "--null_dim")
          .put(anywhere("nullThreshold"), "--null_thres")
          .put(anywhere("warmUp"), "--warm_up")
          .put(anywhere("kCore"), "--k_core")
          .put(anywhere("minRating"), "--min_rating")
          .put(anywhere("userColumn"), "--user_column")
          .put(anywhere("itemColumn"), "--item_column")
          .put(anywhere("timeColumn"), "--time_column")
          .put(anywhere("ratingColumn"), "--rating_column")
          .put(anywhere("idColumn"), "--id_column")
          .put(anywhere("titleColumn"), "--title_column")
          .put(anywhere("textColumns"), "--text_columns")
          .put(anywhere("duplicateItems"), "--duplicate_items")
          .put(anywhere("columns") + "\\(\\.{3}\\)", "--columns")
          .put(anywhere("fileOrder"), "--file_order")
          .put(anywhere("maxLineLength"), "--max_line_length")
          .put(anywhere("maxExpansion"), "--max_expansion")
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

  /** Matches a name that has no other meaning. After dashes it is a flag already. */
  private static String anywhere(String name) {
    return "(?<![\\w-])" + name + "\\b";
  }

  /** Matches a name that is also a word, so it means the option only at the start of a message. */
  private static String first(String name) {
    return "^" + name + "\\b";
  }

  /**
   * Replaces the names of the library's options by flags.
   *
   * @param message the message of the library
   * @param command the command that was executed; names without a flag of this command are kept
   * @param arguments the command line, which shows which name of a flag the user typed
   * @return the message for the user of the command
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
