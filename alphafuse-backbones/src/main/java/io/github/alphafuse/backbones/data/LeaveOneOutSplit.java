package io.github.alphafuse.backbones.data;

/**
 * A split of every sequence in time: the last item is the test target, the one before it the
 * validation target, and the rest is for training.
 *
 * <p>A sequence {@code [a, b, c, d, e]} gives the test example {@code [a, b, c, d] -> e}, the
 * validation example {@code [a, b, c] -> d} and the training example {@code [a, b] -> c}, which
 * {@link Examples#withPrefixes()} expands. Short sequences:
 *
 * <ul>
 *   <li>3 items: a test and a validation example, no training example; counted as {@link
 *       Exclusion#NOT_TRAINED};
 *   <li>2 items: nothing is held out, both form a training example; counted as {@link
 *       Exclusion#TRAINING_ONLY};
 *   <li>1 item: left out; counted as {@link Exclusion#TOO_SHORT}.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class LeaveOneOutSplit implements SplitStrategy {
  private static final LeaveOneOutSplit INSTANCE = new LeaveOneOutSplit();

  private LeaveOneOutSplit() {}

  /**
   * The strategy, which has no options.
   *
   * @return the strategy
   */
  public static LeaveOneOutSplit create() {
    return INSTANCE;
  }

  @Override
  public DatasetSplit split(SequenceDataset dataset) {
    Examples.Builder train = Examples.builder(dataset.vocabulary());
    Examples.Builder validation = Examples.builder(dataset.vocabulary());
    Examples.Builder test = Examples.builder(dataset.vocabulary());
    DatasetSplit.Builder split = DatasetSplit.builder(dataset.vocabulary());
    for (UserSequence sequence : dataset.sequences()) {
      int length = sequence.length();
      if (length == 1) {
        split.exclude(Exclusion.TOO_SHORT, 1);
      } else if (length == 2) {
        train.add(sequence);
        split.exclude(Exclusion.TRAINING_ONLY, 1);
      } else {
        test.add(sequence);
        validation.add(sequence, length - 1);
        if (length == 3) {
          split.exclude(Exclusion.NOT_TRAINED, 1);
        } else {
          train.add(sequence, length - 2);
        }
      }
    }
    return split
        .train(train.build())
        .validation(validation.build())
        .test(test.build())
        .source(dataset)
        .step(toString())
        .build();
  }

  /**
   * The name of the strategy.
   *
   * @return {@code LeaveOneOutSplit}
   */
  @Override
  public String toString() {
    return "LeaveOneOutSplit";
  }
}
