package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import io.github.alphafuse.backbones.internal.UnitVectors;
import io.github.alphafuse.backbones.internal.ranking.CallGate;
import io.github.alphafuse.backbones.internal.ranking.ItemScores;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Scores of a graph model, with its weights at the time of creation, for users who are known by
 * their items.
 *
 * <p>A history is a set H of items, so order and repetition do not count. Its user is attached to
 * the graph without changing it. With d_i the degrees of the graph and e_i^(l) the items' layers,
 *
 * <pre>
 * e_u = (e_u^(0) + sum over i in H of (e_i^(0) + ... + e_i^(K-1)) / sqrt(|H| d_i)) / (K + 1)
 * </pre>
 *
 * <p>For a user of the graph and its training items this is exactly the vector of propagation.
 * e_u^(0) is AlphaRec's projection of the items' mean row. LightGCN has no trained row for such a
 * user, so it is 0 and only the items determine the user.
 *
 * <p>Legend: B histories, N items, d width, K layers. Thread-safe; closing waits for running calls.
 */
public final class GraphScorer implements VectorScorer {
  private final ItemScores items;
  private final CallGate gate = new CallGate();
  private final Rows layerSums; // [N, d]
  private final double[] scales; // [N] 1 / sqrt(d_i), or 0
  private final int layers;
  private final Similarity similarity;
  private final Optional<UserProjection> projection;

  /**
   * @param model the model
   * @param tables [0] the items' vectors after K layers, of length 1 if scores are cosines, [1] the
   *     means of their layers 0 to K - 1
   * @param projection of users by their items, if there is one
   */
  GraphScorer(GraphModel model, Rows[] tables, Optional<UserProjection> projection) {
    this.items = ItemScores.of(tables[0].toTensor());
    this.layerSums = tables[1];
    this.layers = model.layers();
    this.scales = model.graph().itemScales();
    this.similarity = model.similarity();
    this.projection = projection;
    // Propagation gives means, while the formula needs sums.
    layerSums.split(
        (from, to) -> {
          for (int i = from; i < to; i++) {
            layerSums.scale(i, layers);
          }
        });
  }

  @Override
  public int itemCount() {
    return items.itemCount();
  }

  /**
   * The user vectors of some histories, of length 1 if the model scores by cosine.
   *
   * @param histories [B] item rows of each history, in any order, none empty
   * @return [B, d]
   * @throws IllegalArgumentException if a history is empty or an item is outside [0, N)
   */
  @Override
  public Tensor userVectors(int[][] histories) {
    SparseRows sets = sets(histories);
    Rows vectors = Rows.zeros(layerSums.elementType(), histories.length, layerSums.width());
    SparseProduct product = SparseProduct.ofColumns(sets, scales, layerSums);
    sets.split(
        (from, to) -> {
          for (int b = from; b < to; b++) {
            product.addTo(vectors, b);
            vectors.scale(b, 1 / Math.sqrt(sets.length(b)));
          }
        });
    projection.ifPresent(users -> users.addTo(vectors, sets));
    UnitRows units = new UnitRows(vectors, similarity);
    vectors.split(
        (from, to) -> {
          for (int b = from; b < to; b++) {
            vectors.scale(b, 1.0 / (layers + 1));
          }
          units.normalize(from, to);
        });
    return vectors.toTensor();
  }

  private SparseRows sets(int[][] histories) {
    int[] starts = new int[histories.length + 1];
    int[][] sets = new int[histories.length][];
    for (int b = 0; b < histories.length; b++) {
      checkArgument(histories[b].length > 0, "history %s must not be empty", b);
      sets[b] = Arrays.stream(histories[b]).sorted().distinct().toArray();
      int last = sets[b][sets[b].length - 1];
      checkArgument(
          sets[b][0] >= 0 && last < itemCount(),
          "items of history %s must lie in [0, %s), found %s",
          b,
          itemCount(),
          sets[b][0] < 0 ? sets[b][0] : last);
      starts[b + 1] = Math.addExact(starts[b], sets[b].length);
    }
    return new SparseRows(starts, Arrays.stream(sets).flatMapToInt(Arrays::stream).toArray());
  }

  @Override
  public Tensor score(int[][] histories) {
    return gate.whileOpen(() -> items.scores(userVectors(histories)));
  }

  @Override
  public TopItems[] top(int[][] histories, TopQuery query) {
    return gate.whileOpen(() -> items.top(userVectors(histories), histories, query));
  }

  @Override
  public int dim() {
    return layerSums.width();
  }

  @Override
  public Tensor itemVectors(int[] rows) {
    for (int row : rows) {
      checkElementIndex(row, itemCount(), "item");
    }
    return gate.whileOpen(() -> items.rows(rows));
  }

  /** Always 1, since the items' vectors are made with their length. */
  @Override
  public double itemLength(int item) {
    checkElementIndex(item, itemCount(), "item");
    return 1;
  }

  @Override
  public Tensor scoreVectors(Tensor vectors) {
    return gate.whileOpen(() -> items.scores(UnitVectors.compared(vectors, similarity)));
  }

  @Override
  public TopItems[] topOfVectors(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    return gate.whileOpen(
        () -> items.top(UnitVectors.compared(vectors, similarity), histories, queries));
  }

  @Override
  public void close() {
    gate.close(items::close);
  }
}
