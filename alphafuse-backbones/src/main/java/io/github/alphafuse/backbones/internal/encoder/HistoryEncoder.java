package io.github.alphafuse.backbones.internal.encoder;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.UnitVectors;
import io.github.alphafuse.backbones.internal.ranking.CallGate;
import io.github.alphafuse.backbones.internal.ranking.GraphProducts;
import io.github.alphafuse.backbones.internal.ranking.ItemProducts;
import io.github.alphafuse.backbones.internal.ranking.ItemScores;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * An encoder over a table of fixed item rows. It turns histories into user vectors, and vectors
 * into scores of all items.
 *
 * <p>Legend: B histories, L positions, N items, d width of an item's row. Thread-safe; closing
 * waits for running calls, and later calls fail with an {@link IllegalStateException}.
 */
public final class HistoryEncoder implements AutoCloseable {
  private final Computation computation;
  private final ItemScores items;
  private final Similarity similarity;
  private final double[] lengths;
  private final int dim;
  private final CallGate gate = new CallGate();

  private HistoryEncoder(Computation computation, ItemScores items, Scaling scaling) {
    this.computation = computation;
    this.items = items;
    this.similarity = scaling.similarity();
    this.lengths = scaling.lengths();
    this.dim = scaling.dim();
  }

  /**
   * How rows are scored.
   *
   * @param similarity the similarity
   * @param lengths [N] what rows were divided by for cosines; else none
   * @param dim the width of a row
   */
  private record Scaling(Similarity similarity, double[] lengths, int dim) {}

  /**
   * An encoder of histories over copies of weights and table.
   *
   * @param weights the encoder's weights
   * @param items the item rows and their similarity
   * @param engine the engine
   * @return the encoder
   * @throws IllegalArgumentException if the engine is FUSED and does not support the weights
   */
  public static HistoryEncoder of(EncoderWeights weights, Items items, Engine engine) {
    weights.config().requireSupported(engine);
    Tensor table = items.table();
    boolean productsFusible =
        FloatMatrix.isAvailable()
            && table.elementType() == ElementType.FLOAT32
            && table.size() <= FloatMatrix.MOST_NUMBERS;
    boolean fusible = productsFusible && FusedEncoder.supports(weights);
    Tensor scored = table;
    double[] lengths = {};
    if (items.similarity() == Similarity.COSINE) {
      scored = table.copy();
      lengths = UnitVectors.normalize(scored);
    }
    Scaling scaling = new Scaling(items.similarity(), lengths, table.shape(1));
    if (engine == Engine.FUSED || (engine == Engine.AUTO && fusible)) {
      FusedEncoder.requireSupported(weights);
      ItemProducts products = new ItemProducts(scored);
      return new HistoryEncoder(
          new FusedComputation(weights, products, lengths), products, scaling);
    }
    // The products with all items are most of the work and do not depend on the kind of encoder.
    ItemScores products =
        engine == Engine.AUTO && productsFusible
            ? new ItemProducts(scored)
            : new GraphProducts(scored);
    return new HistoryEncoder(new GraphComputation(weights, table), products, scaling);
  }

  /**
   * The items of a catalogue.
   *
   * @param table item rows [N, d]
   * @param similarity how they are scored
   */
  public record Items(Tensor table, Similarity similarity) {}

  /** The computation of an engine, for valid histories. */
  interface Computation extends AutoCloseable {
    /** User vectors [B, d]. */
    Tensor users(int[][] histories);

    @Override
    void close();
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int itemCount() {
    return items.itemCount();
  }

  /**
   * The width of an item's row.
   *
   * @return d
   */
  public int dim() {
    return dim;
  }

  /**
   * The user vectors of some histories.
   *
   * @param histories [B] item rows of each history, oldest first, not padded, none empty; the last
   *     L are used
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  public Tensor userVectors(int[][] histories) {
    int itemCount = itemCount();
    for (int b = 0; b < histories.length; b++) {
      checkArgument(histories[b].length > 0, "history %s must not be empty", b);
      for (int j = 0; j < histories[b].length; j++) {
        int item = histories[b][j];
        if (item < 0 || item >= itemCount) {
          throw new IllegalArgumentException(
              "item "
                  + j
                  + " of history "
                  + b
                  + " must lie in [0, "
                  + itemCount
                  + "), found "
                  + item);
        }
      }
    }
    return whileOpen(() -> computation.users(histories));
  }

  /**
   * Scores of all items for some vectors.
   *
   * @param vectors [B, d]
   * @return their inner products with the item rows, or the cosines [B, N]
   * @throws IllegalStateException if it is closed
   */
  public Tensor scores(Tensor vectors) {
    return whileOpen(() -> items.scores(UnitVectors.compared(vectors, similarity)));
  }

  /**
   * The items with the highest scores.
   *
   * @param vectors [B, d]
   * @param histories [B] item rows of the histories that may be left out
   * @param query the number of items and the filter
   * @return [B] the best items of each vector
   * @throws IllegalStateException if it is closed, or a score is NaN
   */
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    return top(vectors, histories, Collections.nCopies(histories.length, query));
  }

  /**
   * The items with the highest scores.
   *
   * @param vectors [B, d]
   * @param histories [B] item rows of the histories that may be left out
   * @param queries [B] the number of items and the filter of each vector
   * @return [B] the best items of each vector
   * @throws IllegalStateException if it is closed, or a score is NaN
   */
  public TopItems[] top(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    return whileOpen(
        () -> items.top(UnitVectors.compared(vectors, similarity), histories, queries));
  }

  /**
   * The vectors that items are scored by.
   *
   * @param rows [R] rows of items
   * @return [R, d], of length 1 if scores are cosines
   * @throws IndexOutOfBoundsException if an item is outside [0, N)
   * @throws IllegalStateException if it is closed
   */
  public Tensor itemVectors(int[] rows) {
    for (int row : rows) {
      checkElementIndex(row, itemCount(), "item");
    }
    return whileOpen(() -> items.rows(rows));
  }

  /**
   * The length by which an item's row was divided.
   *
   * @param item its row
   * @return the length if scores are cosines, else 1
   * @throws IndexOutOfBoundsException if the item is outside [0, N)
   */
  public double itemLength(int item) {
    checkElementIndex(item, itemCount(), "item");
    return lengths.length == 0 ? 1 : lengths[item];
  }

  /**
   * Makes a call that {@link #close} waits for.
   *
   * @param <T> the type of the result
   * @param call the call
   * @return its result
   * @throws IllegalStateException if it is closed
   */
  public <T> T whileOpen(Supplier<T> call) {
    return gate.whileOpen(call);
  }

  /** Frees the memory outside the Java heap. */
  @Override
  public void close() {
    gate.close(
        () -> {
          try {
            computation.close();
          } finally {
            items.close();
          }
        });
  }
}
