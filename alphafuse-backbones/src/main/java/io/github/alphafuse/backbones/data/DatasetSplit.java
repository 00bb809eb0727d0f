package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The training, validation and test examples of a dataset over one vocabulary, with counts of what
 * was excluded and why.
 *
 * <p>Immutable and thread-safe.
 */
public final class DatasetSplit {
  private final ItemVocabulary vocabulary;
  private final Examples train;
  private final Examples validation;
  private final Examples test;
  private final ImmutableMap<Exclusion, Integer> exclusions;
  private final SkippedItems skipped;
  private final ImmutableList<Dropped> dropped;
  private final ImmutableList<String> preparation;
  private final ImmutableList<String> remarks;
  private final long @Nullable [] recentFrequencies;

  private DatasetSplit(Builder builder) {
    this.vocabulary = builder.vocabulary;
    checkState(builder.train != null, "train is not set");
    this.train = builder.train;
    this.validation = orNone(builder.validation, vocabulary);
    this.test = orNone(builder.test, vocabulary);
    this.exclusions = Maps.immutableEnumMap(builder.exclusions);
    this.skipped = builder.skipped;
    this.dropped = builder.dropped;
    this.preparation = builder.preparation;
    this.remarks = builder.remarks;
    this.recentFrequencies = builder.recentFrequencies;
  }

  private static Examples orNone(@Nullable Examples examples, ItemVocabulary vocabulary) {
    return examples != null ? examples : Examples.builder(vocabulary).build();
  }

  /**
   * A builder.
   *
   * @param vocabulary the items of all three parts
   * @return the builder
   */
  public static Builder builder(ItemVocabulary vocabulary) {
    return new Builder(vocabulary);
  }

  /**
   * The examples to train on.
   *
   * @return the training part
   */
  public Examples train() {
    return train;
  }

  /**
   * The examples to select a model with.
   *
   * @return the validation part, possibly empty
   */
  public Examples validation() {
    return validation;
  }

  /**
   * The examples to report on.
   *
   * @return the test part, possibly empty
   */
  public Examples test() {
    return test;
  }

  /**
   * The items.
   *
   * @return the vocabulary that the rows belong to
   */
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The number of items in the catalogue.
   *
   * @return N, at least 1
   */
  public int itemCount() {
    return vocabulary.size();
  }

  /**
   * The users that are not in the split, by reason.
   *
   * @return the number of users for every reason that occurred
   */
  public ImmutableMap<Exclusion, Integer> exclusions() {
    return exclusions;
  }

  /**
   * The number of users that one reason applied to.
   *
   * @param reason the reason
   * @return 0 or more
   */
  public int excluded(Exclusion reason) {
    return exclusions.getOrDefault(reason, 0);
  }

  /**
   * The data that was left out before the split; see {@link SequenceDataset#dropped()}.
   *
   * @return counts and examples for every reason in the order of the steps; empty if all was kept
   */
  public ImmutableList<Dropped> dropped() {
    return dropped;
  }

  /**
   * How the data were filtered and split.
   *
   * @return the steps in their order, for example {@code distinct, kCore 5,
   *     UserRatioSplit[8.0:1.0:1.0, seed 22]}; empty if it is not known
   */
  public ImmutableList<String> preparation() {
    return preparation;
  }

  /**
   * What the reader of the data took for granted; see {@link SequenceDataset#remarks()}.
   *
   * @return sentences; empty if there is nothing to say
   */
  public ImmutableList<String> remarks() {
    return remarks;
  }

  /**
   * Truncates the histories of all three parts to their newest items. Targets do not change.
   *
   * @param n the largest number of items of history to keep, at least 1
   * @return the truncated split
   * @throws IllegalArgumentException if n is less than 1
   */
  public DatasetSplit lastItems(int n) {
    return with("lastItems " + n, train.lastItems(n), validation.lastItems(n), test.lastItems(n));
  }

  /**
   * Expands the examples of the training part into one for each prefix; see {@link
   * Examples#withPrefixes()}.
   *
   * @return the split
   * @throws IllegalArgumentException if there are more than 2^31-1
   */
  public DatasetSplit withPrefixes() {
    return with("withPrefixes", train.withPrefixes(), validation, test);
  }

  /**
   * The number of times that each item occurs in the newest tenth of all interactions by time,
   * those of validation and test included. It tells what is popular now; nothing is trained or
   * evaluated on it.
   *
   * @return [N] counts; empty if the data have no times
   */
  public Optional<long[]> recentFrequencies() {
    return Optional.ofNullable(recentFrequencies).map(long[]::clone);
  }

  private DatasetSplit with(
      String step, Examples newTrain, Examples newValidation, Examples newTest) {
    Builder builder = builder(vocabulary);
    builder.train(newTrain).validation(newValidation).test(newTest);
    builder.exclusions.putAll(exclusions);
    builder.preparation = preparation;
    builder.recentFrequencies = recentFrequencies;
    return builder.skipped(skipped).dropped(dropped).remarks(remarks).step(step).build();
  }

  /**
   * The items known to only one side: in the vocabulary but in no example of any part, or in the
   * data but not in the vocabulary.
   *
   * @return counts and examples, from one pass over the examples
   */
  public ItemCoverage coverage() {
    long[] frequencies = train.itemFrequencies();
    for (Examples part : new Examples[] {validation, test}) {
      long[] counts = part.itemFrequencies();
      for (int row = 0; row < counts.length; row++) {
        frequencies[row] += counts[row];
      }
    }
    return ItemCoverage.of(vocabulary, frequencies, skipped);
  }

  /**
   * The sizes and what was excluded.
   *
   * @return for example {@code 40436 train, 5055 validation, 5055 test examples over 16859 items; 3
   *     users with fewer than 2 items: left out}
   */
  @Override
  public String toString() {
    return train.size()
        + " train, "
        + validation.size()
        + " validation, "
        + test.size()
        + " test examples over "
        + itemCount()
        + " items"
        + exclusions.entrySet().stream()
            .map(entry -> "; " + entry.getValue() + " users with " + entry.getKey().description())
            .collect(Collectors.joining());
  }

  /** A builder of {@link DatasetSplit}. Not thread-safe. */
  public static final class Builder {
    private final ItemVocabulary vocabulary;
    private @Nullable Examples train;
    private @Nullable Examples validation;
    private @Nullable Examples test;
    private final Map<Exclusion, Integer> exclusions = new EnumMap<>(Exclusion.class);
    private SkippedItems skipped = SkippedItems.NONE;
    private ImmutableList<Dropped> dropped = ImmutableList.of();
    private ImmutableList<String> preparation = ImmutableList.of();
    private ImmutableList<String> remarks = ImmutableList.of();
    private long @Nullable [] recentFrequencies;

    private Builder(ItemVocabulary vocabulary) {
      this.vocabulary = checkNotNull(vocabulary, "vocabulary");
    }

    /**
     * Sets the training part. It must be set.
     *
     * @param train the examples
     * @return this builder
     * @throws IllegalArgumentException if they are over other items
     */
    @CanIgnoreReturnValue
    public Builder train(Examples train) {
      this.train = requireItems("train", train);
      return this;
    }

    /**
     * Sets the validation part. The default is empty.
     *
     * @param validation the examples
     * @return this builder
     * @throws IllegalArgumentException if they are over other items
     */
    @CanIgnoreReturnValue
    public Builder validation(Examples validation) {
      this.validation = requireItems("validation", validation);
      return this;
    }

    /**
     * Sets the test part. The default is empty.
     *
     * @param test the examples
     * @return this builder
     * @throws IllegalArgumentException if they are over other items
     */
    @CanIgnoreReturnValue
    public Builder test(Examples test) {
      this.test = requireItems("test", test);
      return this;
    }

    /**
     * Counts users that a reason applies to, in addition to those counted before.
     *
     * @param reason the reason
     * @param users the number of users, 0 or more
     * @return this builder
     * @throws IllegalArgumentException if the number is negative
     */
    @CanIgnoreReturnValue
    public Builder exclude(Exclusion reason, int users) {
      checkArgument(users >= 0, "exclude %s: users must be 0 or more, found %s", reason, users);
      if (users > 0) {
        exclusions.merge(reason, users, Math::addExact);
      }
      return this;
    }

    @CanIgnoreReturnValue
    Builder skipped(SkippedItems items) {
      this.skipped = items;
      return this;
    }

    @CanIgnoreReturnValue
    private Builder dropped(ImmutableList<Dropped> interactions) {
      this.dropped = interactions;
      return this;
    }

    @CanIgnoreReturnValue
    private Builder remarks(ImmutableList<String> sentences) {
      this.remarks = sentences;
      return this;
    }

    /**
     * Sets the dataset that is split, whose remarks, preparation and counts of data that was left
     * out are copied for reports. By default there are none.
     *
     * @param source the dataset
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder source(SequenceDataset source) {
      this.preparation = source.preparation();
      this.recentFrequencies = source.recentFrequencies().orElse(null);
      return skipped(source.skipped()).dropped(source.dropped()).remarks(source.remarks());
    }

    /**
     * Sets the next step of {@link DatasetSplit#preparation()}, such as the strategy and its
     * options. The default is none after those of the source, which must be set before.
     *
     * @param step the step
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder step(String step) {
      this.preparation = ImmutableList.<String>builder().addAll(preparation).add(step).build();
      return this;
    }

    private Examples requireItems(String part, Examples examples) {
      vocabulary.requireSame("split", part, examples.vocabulary());
      return examples;
    }

    /**
     * The split.
     *
     * @return the split
     * @throws IllegalStateException if the training part is not set
     */
    public DatasetSplit build() {
      return new DatasetSplit(this);
    }
  }
}
