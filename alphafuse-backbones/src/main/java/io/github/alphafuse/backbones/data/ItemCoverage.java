package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.util.Arrays;

/**
 * How well the items of a catalogue and the items of the interactions agree: counts and examples of
 * items that only one side knows.
 *
 * <p>Immutable and thread-safe.
 */
public final class ItemCoverage {
  /** The number of examples kept of each kind. */
  static final int EXAMPLES = 5;

  /** One item in so many may be without interactions where most are said to have some. */
  private static final int MOST_OF = 10;

  private final ItemVocabulary vocabulary;
  private final int unusedCount;
  private final ImmutableList<String> unusedExamples;
  private final SkippedItems skipped;
  private final ImmutableList<String> remarks;

  private ItemCoverage(
      ItemVocabulary vocabulary,
      int unusedCount,
      ImmutableList<String> unusedExamples,
      SkippedItems skipped,
      ImmutableList<String> remarks) {
    this.vocabulary = vocabulary;
    this.unusedCount = unusedCount;
    this.unusedExamples = unusedExamples;
    this.skipped = skipped;
    this.remarks = remarks;
  }

  static ItemCoverage of(ItemVocabulary vocabulary, long[] frequencies, SkippedItems skipped) {
    int unused = 0;
    ImmutableList.Builder<String> examples = ImmutableList.builder();
    for (int row = 0; row < frequencies.length; row++) {
      if (frequencies[row] == 0) {
        if (unused < EXAMPLES) {
          examples.add(vocabulary.id(row));
        }
        unused++;
      }
    }
    // Where most items have interactions, it is no chance that the first has none.
    boolean countedFromOne =
        vocabulary.isRowNumbers()
            && frequencies.length > 1
            && frequencies[0] == 0
            && (unused - 1) * MOST_OF <= frequencies.length - 1;
    return new ItemCoverage(
        vocabulary,
        unused,
        examples.build(),
        skipped,
        countedFromOne
            ? ImmutableList.of(
                "item 0 has no interactions and nearly all others have: ids look as if counted from"
                    + " 1, but rows are counted from 0, so that each item may have the text of the"
                    + " next")
            : ImmutableList.of());
  }

  /**
   * The same coverage, with what the language embeddings show added to the {@link #remarks()}.
   *
   * @param text the language embeddings of the items
   * @return the coverage
   * @throws IllegalArgumentException if there are not as many rows as items, or their ids differ
   */
  public ItemCoverage withText(LanguageEmbeddings text) {
    vocabulary.requireText(text);
    if (Arrays.stream(text.row(0)).anyMatch(number -> number != 0)) {
      return this;
    }
    return new ItemCoverage(
        vocabulary,
        unusedCount,
        unusedExamples,
        skipped,
        ImmutableList.<String>builder()
            .addAll(remarks)
            .add(
                "row 0 of the language embeddings is all zeros, as a row for padding is: here it is"
                    + " an item like any other, and is ranked")
            .build());
  }

  /**
   * What looks like a mistake in the numbering of the items.
   *
   * @return sentences; empty if nothing does
   */
  public ImmutableList<String> remarks() {
    return remarks;
  }

  /**
   * The number of items in the vocabulary.
   *
   * @return N, at least 1
   */
  public int itemCount() {
    return vocabulary.size();
  }

  /**
   * The number of items in the vocabulary that were never interacted with.
   *
   * @return 0 to N
   */
  public int unusedCount() {
    return unusedCount;
  }

  /**
   * The ids of some items that were never interacted with.
   *
   * @return the first five in row order, or fewer if there are fewer
   */
  public ImmutableList<String> unusedExamples() {
    return unusedExamples;
  }

  /**
   * The number of different ids that were interacted with and are not in the vocabulary.
   *
   * @return 0 unless the data were read with {@link UnknownItems#SKIP}
   */
  public int unknownCount() {
    return skipped.itemCount();
  }

  /**
   * Some of the ids that were interacted with and are not in the vocabulary.
   *
   * @return the first five in file order, or fewer if there are fewer
   */
  public ImmutableList<String> unknownExamples() {
    return skipped.examples();
  }

  /**
   * The number of interactions that were left out because their item is not in the vocabulary.
   *
   * @return 0 unless the data were read with {@link UnknownItems#SKIP}
   */
  public long skippedInteractionCount() {
    return skipped.interactionCount();
  }

  /**
   * The number of users who were left out because none of their items is in the vocabulary.
   *
   * @return 0 unless the data were read with {@link UnknownItems#SKIP}
   */
  public int skippedUserCount() {
    return skipped.userCount();
  }

  /**
   * Whether both sides know the same items.
   *
   * @return true if no item is unused and none is unknown
   */
  public boolean isComplete() {
    return unusedCount == 0 && unknownCount() == 0;
  }

  /**
   * Both sides in one sentence.
   *
   * @return for example {@code 2 of 50 items without interactions (e.g. 7, 9); 1 unknown items
   *     (e.g. X) in 3 skipped interactions, 0 users without a known item}
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(unusedCount)
        .append(" of ")
        .append(itemCount())
        .append(" items without interactions");
    if (unusedCount > 0) {
      text.append(" (e.g. ").append(String.join(", ", unusedExamples)).append(')');
    }
    text.append("; ").append(unknownCount()).append(" unknown items");
    if (unknownCount() > 0) {
      text.append(" (e.g. ")
          .append(String.join(", ", unknownExamples()))
          .append(") in ")
          .append(skippedInteractionCount())
          .append(" skipped interactions, ")
          .append(skippedUserCount())
          .append(" users without a known item");
    }
    return text.toString();
  }
}
