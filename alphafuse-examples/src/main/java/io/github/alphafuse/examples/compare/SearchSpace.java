package io.github.alphafuse.examples.compare;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.examples.option.Numbers;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * The settings to choose from: a list of values or a range of numbers for each flag.
 *
 * @param texts the settings, as written on the command line
 * @param choices a function that draws a value of each flag, by the name of the flag without dashes
 */
public record SearchSpace(
    ImmutableList<String> texts, ImmutableMap<String, Function<SplittableRandom, String>> choices) {
  /** Ranges whose ends differ by at least this factor are drawn on a logarithmic scale. */
  private static final double DECADE = 10;

  private static final int MOST_DRAWS = 1000;

  /** Flags that determine the rounds, the protocol or the seeds. */
  private static final ImmutableSet<String> NOT_SEARCHED =
      ImmutableSet.of(
          "epoch", "epochs", "metric", "mask_seen", "preset", "seed", "seeds", "patience");

  /**
   * Parses settings, for example {@code lr=0.001..0.01}, {@code dropout_rate=0.1,0.2,0.3}.
   *
   * @param texts the texts, one setting each
   * @return the space
   * @throws IllegalArgumentException if a text is not of this form or names a flag that cannot be
   *     searched, or if a flag is named twice
   */
  public static SearchSpace parse(List<String> texts) {
    Map<String, Function<SplittableRandom, String>> choices = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals <= 0 || equals == text.length() - 1) {
        throw new IllegalArgumentException(
            "--try must be key=value,value or key=from..to, found '" + text + "'");
      }
      String key = text.substring(0, equals).strip().replaceFirst("^--?", "");
      if (NOT_SEARCHED.contains(key.replace('-', '_'))) {
        throw new IllegalArgumentException(
            "--try " + key + " is the same for all trials: give --" + key + " itself");
      }
      if (choices.put(key, choice(key, text.substring(equals + 1).strip())) != null) {
        throw new IllegalArgumentException("--try names " + key + " twice");
      }
    }
    if (choices.isEmpty()) {
      throw new IllegalArgumentException("--try names no setting");
    }
    return new SearchSpace(ImmutableList.copyOf(texts), ImmutableMap.copyOf(choices));
  }

  private static Function<SplittableRandom, String> choice(String key, String text) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      List<String> values = Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("--try " + key + " has no values");
      }
      return random -> values.get(random.nextInt(values.size()));
    }
    String from = text.substring(0, dots).strip();
    String to = text.substring(dots + 2).strip();
    if (from.matches("\\d{1,9}") && to.matches("\\d{1,9}")) {
      int first = Integer.parseInt(from);
      int last = Integer.parseInt(to);
      requireRange(key, text, first <= last);
      return random -> Integer.toString(random.nextInt(first, last + 1));
    }
    double low = number(key, from);
    double high = number(key, to);
    requireRange(key, text, low <= high && Double.isFinite(high - low));
    boolean logarithmic = low > 0 && high / low >= DECADE;
    return random -> {
      double share = random.nextDouble();
      double value = logarithmic ? low * Math.pow(high / low, share) : low + (high - low) * share;
      // Two digits keep the table readable and are precise enough for tuning.
      double rounded = Double.parseDouble(String.format(Locale.ROOT, "%.1e", value));
      return Numbers.plain(Math.max(low, Math.min(high, rounded)));
    };
  }

  private static double number(String key, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--try " + key + ": a range must be between numbers, found '" + text + "'", e);
    }
  }

  private static void requireRange(String key, String text, boolean isRange) {
    if (!isRange) {
      throw new IllegalArgumentException(
          "--try " + key + ": a range needs finite numbers in ascending order, found " + text);
    }
  }

  /** Draws up to {@code count} different settings; fewer if there are no more. */
  List<ImmutableMap<String, String>> draw(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<ImmutableMap<String, String>> drawn = new LinkedHashSet<>();
    for (int i = 0; i < MOST_DRAWS * count && drawn.size() < count; i++) {
      ImmutableMap.Builder<String, String> settings = ImmutableMap.builder();
      choices.forEach((key, choice) -> settings.put(key, choice.apply(random)));
      drawn.add(settings.buildOrThrow());
    }
    return List.copyOf(drawn);
  }
}
