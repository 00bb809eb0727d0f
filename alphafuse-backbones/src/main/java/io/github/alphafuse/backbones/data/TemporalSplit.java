package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A split of all interactions at two instants that are the same for every user, so that no training
 * interaction is later than a test interaction (no leak from the future).
 *
 * <p>Interactions before the first instant are for training, those between the instants for
 * validation, and those from the second instant on for testing. The last item of each part of a
 * user's sequence is the target, and all items before it, including those of earlier parts, are the
 * history. Given shares, the instants are the times at these quantiles of all interactions.
 * Interactions at the same time stay together, in the later part.
 *
 * <p>A user with one item is left out and counted as {@link Exclusion#TOO_SHORT}; one with fewer
 * than two items before the first instant has no training example and is counted as {@link
 * Exclusion#NOT_TRAINED}; a part with only the user's first item gives no example. Immutable and
 * thread-safe; each method that sets an option returns a new strategy.
 */
@CheckReturnValue
public final class TemporalSplit implements SplitStrategy {
  private final double first;
  private final double second;
  private final boolean shares;

  private TemporalSplit(double first, double second, boolean shares) {
    this.first = first;
    this.second = second;
    this.shares = shares;
  }

  /**
   * A split that trains on the first 80% of all interactions and tests on the last 10%.
   *
   * @return the strategy
   */
  public static TemporalSplit create() {
    return new TemporalSplit(0.8, 0.8 + 0.1, true);
  }

  /**
   * The same strategy at other shares of all interactions; the rest is for testing. The default is
   * 0.8 and 0.1.
   *
   * @param train the share for training, in (0, 1)
   * @param validation the share for validation, 0 or more; both together at most 1
   * @return the strategy
   * @throws IllegalArgumentException if a share is out of range
   */
  public TemporalSplit shares(double train, double validation) {
    checkArgument(train > 0 && train < 1, "train must be a share in (0, 1), found %s", train);
    checkArgument(
        validation >= 0 && train + validation <= 1 + 1e-9,
        "validation must be a share from 0 to what train leaves (%s), found %s",
        1 - train,
        validation);
    return new TemporalSplit(train, train + validation, true);
  }

  /**
   * The same strategy at given instants, in the unit of the data's times, instead of shares.
   *
   * @param validation the first instant that is not for training
   * @param test the first instant that is for testing, no earlier
   * @return the strategy
   * @throws IllegalArgumentException if an instant is not finite or the second is before the first
   */
  public TemporalSplit instants(double validation, double test) {
    checkArgument(
        Double.isFinite(validation), "validation must be a finite instant, found %s", validation);
    checkArgument(
        Double.isFinite(test) && test >= validation,
        "test must be a finite instant, not before %s, found %s",
        validation,
        test);
    return new TemporalSplit(validation, test, false);
  }

  /**
   * Splits a dataset.
   *
   * @param dataset the sequences, with times
   * @return the parts
   * @throws IllegalArgumentException if a sequence has no times, or no user has two interactions
   *     before the first instant
   */
  @Override
  public DatasetSplit split(SequenceDataset dataset) {
    for (UserSequence sequence : dataset.sequences()) {
      checkArgument(
          sequence.hasTimes(),
          "expected times for a temporal split, found none for user \"%s\"; sequences have no times,"
              + " files with one interaction per line may",
          sequence.user());
    }
    double[] instants = instants(dataset);
    DatasetSplit.Builder split = DatasetSplit.builder(dataset.vocabulary());
    Examples.Builder[] parts = new Examples.Builder[3];
    for (int part = 0; part < parts.length; part++) {
      parts[part] = Examples.builder(dataset.vocabulary());
    }
    int trained = 0;
    for (UserSequence sequence : dataset.sequences()) {
      if (sequence.length() == 1) {
        split.exclude(Exclusion.TOO_SHORT, 1);
        continue;
      }
      int[] ends = {
        countBefore(sequence, instants[0]), countBefore(sequence, instants[1]), sequence.length()
      };
      for (int part = 0; part < parts.length; part++) {
        int start = part == 0 ? 0 : ends[part - 1];
        if (ends[part] > start && ends[part] >= 2) {
          parts[part].add(sequence, ends[part]);
        }
      }
      trained += ends[0] >= 2 ? 1 : 0;
      split.exclude(Exclusion.NOT_TRAINED, ends[0] >= 2 ? 0 : 1);
    }
    checkArgument(
        trained > 0,
        "expected a user with two interactions before the instant %s, found none: nothing to train"
            + " on",
        instants[0]);
    return split
        .train(parts[0].build())
        .validation(parts[1].build())
        .test(parts[2].build())
        .source(dataset)
        .step(toString())
        .build();
  }

  private double[] instants(SequenceDataset dataset) {
    if (!shares) {
      return new double[] {first, second};
    }
    double[] times =
        dataset.sequences().stream()
            .flatMapToDouble(
                sequence -> IntStream.range(0, sequence.length()).mapToDouble(sequence::time))
            .toArray();
    Arrays.sort(times);
    return new double[] {quantile(times, first), quantile(times, second)};
  }

  /** The time at which a later part begins; after all times if nothing is left for it. */
  private static double quantile(double[] sorted, double share) {
    int at = (int) Math.floor(sorted.length * share + 1e-9);
    return at < sorted.length ? sorted[at] : Double.POSITIVE_INFINITY;
  }

  private static int countBefore(UserSequence sequence, double instant) {
    int count = 0;
    while (count < sequence.length() && sequence.time(count) < instant) {
      count++;
    }
    return count;
  }

  /**
   * The shares or instants.
   *
   * @return for example {@code TemporalSplit[instants at shares 0.8, 0.9]}
   */
  @Override
  public String toString() {
    return "TemporalSplit[instants " + (shares ? "at shares " : "") + first + ", " + second + "]";
  }
}
