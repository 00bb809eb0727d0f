package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.SplittableRandom;

/**
 * A random split of the users into disjoint parts by a ratio. Users of the validation and test
 * parts never occur in training (cold-start users).
 *
 * <p>Every sequence gives one example: its last item is the target, those before it are the
 * history. Users with fewer than two items are left out and counted as {@link Exclusion#TOO_SHORT}.
 * The parts keep the dataset's order; the training part ends after the first {@code floor(users *
 * train / sum)} shuffled users, the validation part after {@code floor(users * (train + validation)
 * / sum)}. Immutable and thread-safe; each method that sets an option returns a new strategy.
 */
@CheckReturnValue
public final class UserRatioSplit implements SplitStrategy {
  /** Above the rounding error of a sum of ratios, far below one user. */
  private static final double ROUNDING = 1e-9;

  private static final UserRatioSplit PUBLISHED = new UserRatioSplit(new Ratios(8, 1, 1), 0);

  private final Ratios ratios;
  private final long seed;

  private UserRatioSplit(Ratios ratios, long seed) {
    this.ratios = ratios;
    this.seed = seed;
  }

  /** The sizes of the parts relative to each other. */
  private record Ratios(double train, double validation, double test) {
    double sum() {
      return train + validation + test;
    }

    @Override
    public String toString() {
      return train + ":" + validation + ":" + test;
    }
  }

  /**
   * The split 8:1:1 with seed 0.
   *
   * @return the strategy
   */
  public static UserRatioSplit create() {
    return PUBLISHED;
  }

  /**
   * The same strategy with parts of other sizes relative to each other. The default is 8:1:1.
   *
   * @param train the training part, greater than 0
   * @param validation the validation part, 0 or more
   * @param test the test part, 0 or more
   * @return the strategy
   * @throws IllegalArgumentException if a ratio is negative or not finite, or the first is 0
   */
  public UserRatioSplit ratios(double train, double validation, double test) {
    checkRatio("train", train);
    checkRatio("validation", validation);
    checkRatio("test", test);
    checkArgument(train > 0, "ratios: train must be greater than 0, found %s", train);
    return new UserRatioSplit(new Ratios(train, validation, test), seed);
  }

  private static void checkRatio(String name, double ratio) {
    checkArgument(
        ratio >= 0 && Double.isFinite(ratio),
        "ratios: %s must be a finite number of 0 or more, found %s",
        name,
        ratio);
  }

  /**
   * The same strategy with another seed of the shuffle. The default is 0.
   *
   * @param seed any number; the same seed gives the same split
   * @return the strategy
   */
  public UserRatioSplit seed(long seed) {
    return new UserRatioSplit(ratios, seed);
  }

  @Override
  public DatasetSplit split(SequenceDataset dataset) {
    ImmutableList<UserSequence> eligible =
        dataset.sequences().stream()
            .filter(sequence -> sequence.length() >= 2)
            .collect(ImmutableList.toImmutableList());
    int users = eligible.size();
    int[] order = shuffled(users);
    double sum = ratios.sum();
    int trainEnd = (int) Math.floor(users * ratios.train / sum + ROUNDING);
    int validationEnd =
        (int) Math.floor(users * (ratios.train + ratios.validation) / sum + ROUNDING);
    byte[] partOfUser = new byte[users];
    for (int i = 0; i < users; i++) {
      partOfUser[order[i]] = (byte) (i < trainEnd ? 0 : i < validationEnd ? 1 : 2);
    }
    Examples.Builder[] parts = new Examples.Builder[3];
    for (int part = 0; part < parts.length; part++) {
      parts[part] = Examples.builder(dataset.vocabulary());
    }
    for (int i = 0; i < users; i++) {
      parts[partOfUser[i]].add(eligible.get(i));
    }
    return DatasetSplit.builder(dataset.vocabulary())
        .train(parts[0].build())
        .validation(parts[1].build())
        .test(parts[2].build())
        .exclude(Exclusion.TOO_SHORT, dataset.size() - users)
        .source(dataset)
        .step(toString())
        .build();
  }

  private int[] shuffled(int size) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * The ratios and the seed.
   *
   * @return for example {@code UserRatioSplit[8.0:1.0:1.0, seed 22]}
   */
  @Override
  public String toString() {
    return "UserRatioSplit[" + ratios + ", seed " + seed + "]";
  }
}
