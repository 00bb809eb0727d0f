package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.SplittableRandom;

/**
 * A random split of the users into disjoint parts by a ratio. Users of the validation and test
 * parts never occur in training (cold-start users).
 *
 * <p>Every sequence gives one example: its last item is the target, those before it are the
 * history. Users with fewer than two items are left out and counted as {@link Exclusion#TOO_SHORT}.
 * The parts keep the dataset's order; the training part ends after the first {@code floor(users *
 * train / sum)} shuffled users, the validation part after {@code floor(users * (train + validation)
 * / sum)}. Immutable and thread-safe.
 */
public final class UserRatioSplit implements SplitStrategy {
  /** Above the rounding error of a sum of ratios, far below one user. */
  private static final double ROUNDING = 1e-9;

  private final double train;
  private final double validation;
  private final double test;
  private final long seed;

  private UserRatioSplit(Builder builder) {
    this.train = builder.train;
    this.validation = builder.validation;
    this.test = builder.test;
    this.seed = builder.seed;
  }

  /**
   * A builder with the default options.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public DatasetSplit split(SequenceDataset dataset) {
    ImmutableList<UserSequence> eligible =
        dataset.sequences().stream()
            .filter(sequence -> sequence.length() >= 2)
            .collect(ImmutableList.toImmutableList());
    int users = eligible.size();
    int[] order = shuffled(users);
    double sum = train + validation + test;
    int trainEnd = (int) Math.floor(users * train / sum + ROUNDING);
    int validationEnd = (int) Math.floor(users * (train + validation) / sum + ROUNDING);
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
    return "UserRatioSplit[" + train + ":" + validation + ":" + test + ", seed " + seed + "]";
  }

  /** A builder of {@link UserRatioSplit}. Not thread-safe. */
  public static final class Builder {
    private double train = 8;
    private double validation = 1;
    private double test = 1;
    private long seed;

    private Builder() {}

    /**
     * Sets the sizes of the parts relative to each other. The default is 8:1:1.
     *
     * @param train the training part, greater than 0
     * @param validation the validation part, 0 or more
     * @param test the test part, 0 or more
     * @return this builder
     * @throws IllegalArgumentException if a ratio is negative or not finite, or the first is 0
     */
    @CanIgnoreReturnValue
    public Builder ratios(double train, double validation, double test) {
      checkRatio("train", train);
      checkRatio("validation", validation);
      checkRatio("test", test);
      checkArgument(train > 0, "ratios: train must be greater than 0, found %s", train);
      this.train = train;
      this.validation = validation;
      this.test = test;
      return this;
    }

    private static void checkRatio(String name, double ratio) {
      checkArgument(
          ratio >= 0 && Double.isFinite(ratio),
          "ratios: %s must be a finite number of 0 or more, found %s",
          name,
          ratio);
    }

    /**
     * Sets the seed of the shuffle. The default is 0.
     *
     * @param seed any number; the same seed gives the same split
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * The strategy.
     *
     * @return the strategy
     */
    public UserRatioSplit build() {
      return new UserRatioSplit(this);
    }
  }
}
