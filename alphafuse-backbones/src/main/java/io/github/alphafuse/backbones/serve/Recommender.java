package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Recommends items for a history of item ids, from a trained model.
 *
 * <p>A recommender holds a copy of the model's weights, so later training does not change it.
 * Thread-safe. Close it when it is no longer used.
 */
public final class Recommender implements AutoCloseable {
  private final ItemVocabulary vocabulary;
  private final ItemScorer scorer;
  private final boolean excludeSeen;
  private final boolean skipUnknownItems;
  private final Optional<BitSet> allowed;

  private Recommender(Builder options) {
    this.vocabulary = options.model.vocabulary();
    this.scorer = options.model.scorer();
    this.excludeSeen = options.excludeSeen;
    this.skipUnknownItems = options.skipUnknownItems;
    BitSet rows = new BitSet(vocabulary.size());
    for (int row = 0; row < vocabulary.size(); row++) {
      rows.set(row, options.filter.test(vocabulary.id(row)));
    }
    this.allowed = rows.cardinality() == vocabulary.size() ? Optional.empty() : Optional.of(rows);
  }

  /**
   * A recommender from a model that was saved, with the defaults of {@link #builder}.
   *
   * @param path the model's file
   * @return the recommender
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Recommender load(Path path) {
    return builder(SavedModel.load(path)).build();
  }

  /**
   * A builder with the default options.
   *
   * @param model a trained model
   * @return the builder
   */
  public static Builder builder(RankingModel model) {
    return new Builder(model);
  }

  /**
   * The recommended next items.
   *
   * @param history ids of the user's items, oldest first
   * @param count the number of wanted items, at least 1
   * @return the best items, best first, items of equal score in the order of the catalogue; fewer
   *     than count if the catalogue has no more
   * @throws IllegalArgumentException if the history is empty, all of it or (unless they are
   *     skipped) an item of it is unknown, or count is below 1
   * @throws IllegalStateException if the recommender is closed
   */
  public List<Recommendation> recommend(List<String> history, int count) {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
    checkArgument(!history.isEmpty(), "history must have at least one item, found none");
    TopQuery query = new TopQuery(Math.min(count, vocabulary.size()), excludeSeen, allowed);
    TopItems best = scorer.top(new int[][] {rows(history)}, query)[0];
    ImmutableList.Builder<Recommendation> recommended = ImmutableList.builder();
    for (int k = 0; k < best.rows().length; k++) {
      recommended.add(new Recommendation(vocabulary.id(best.rows()[k]), best.scores()[k]));
    }
    return recommended.build();
  }

  private int[] rows(List<String> history) {
    int[] rows = new int[history.size()];
    int known = 0;
    for (String id : history) {
      OptionalInt row = vocabulary.find(id);
      if (row.isPresent()) {
        rows[known++] = row.getAsInt();
      } else {
        checkArgument(
            skipUnknownItems,
            "item '%s' of the history is not among the model's %s items",
            id,
            vocabulary.size());
      }
    }
    checkArgument(
        known > 0, "none of the history's %s items is known to the model", history.size());
    return java.util.Arrays.copyOf(rows, known);
  }

  /** Frees the memory of the recommender outside the Java heap. */
  @Override
  public void close() {
    scorer.close();
  }

  /** Options of a {@link Recommender}. Not thread-safe. */
  public static final class Builder {
    private final RankingModel model;
    private boolean excludeSeen = true;
    private boolean skipUnknownItems;
    private Predicate<String> filter = id -> true;

    private Builder(RankingModel model) {
      this.model = model;
    }

    /**
     * Sets whether items of the history are left out. The default is true.
     *
     * @param excludeSeen whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder excludeSeen(boolean excludeSeen) {
      this.excludeSeen = excludeSeen;
      return this;
    }

    /**
     * Sets whether ids of a history that the model does not know are ignored. The default is false:
     * they are an error.
     *
     * @param skipUnknownItems whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder skipUnknownItems(boolean skipUnknownItems) {
      this.skipUnknownItems = skipUnknownItems;
      return this;
    }

    /**
     * Sets the items that may be recommended. The filter is called once per id when the recommender
     * is built. The default is all items.
     *
     * @param filter returns true for an id that may be recommended
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder filter(Predicate<String> filter) {
      this.filter = filter;
      return this;
    }

    /**
     * Builds the recommender with the model's current weights.
     *
     * @return the recommender
     */
    public Recommender build() {
      return new Recommender(this);
    }
  }
}
