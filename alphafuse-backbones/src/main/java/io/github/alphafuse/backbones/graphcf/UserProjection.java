package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.Optional;

/**
 * The embeddings, before propagation, of users who are known only by their items, with a copy of
 * AlphaRec's weights. Thread-safe.
 */
final class UserProjection {
  private final ProjectorWeights weights;
  private final Rows itemProducts; // [N, h] W_1 z
  private final Optional<Intention> intention;
  private final Rows intent; // [1, d]

  UserProjection(ProjectorWeights weights, Rows itemProducts, Optional<Intention> intention) {
    this.weights = weights;
    this.itemProducts = itemProducts;
    this.intention = intention;
    this.intent = Rows.zeros(itemProducts.elementType(), 1, weights.dim());
    intention.ifPresent(this::project);
  }

  private void project(Intention given) {
    double[] row = given.row();
    Tensor product = Tensor.zeros(itemProducts.elementType(), 1, weights.innerDim());
    for (int h = 0; h < weights.innerDim(); h++) {
      double sum = 0;
      for (int j = 0; j < row.length; j++) {
        sum += weights.innerWeight().get(h * row.length + j) * row[j];
      }
      product.set(h, sum);
    }
    try (LanguageProjection.Head head = head(1)) {
      head.inputs().copyFrom(Rows.of(product));
      intent.copyFrom(head.forward());
    }
  }

  private LanguageProjection.Head head(int count) {
    return new LanguageProjection.Head(weights, itemProducts.elementType(), count);
  }

  /** Adds the embeddings of users with sets of items to rows [B, d]. */
  void addTo(Rows rows, SparseRows sets) {
    try (LanguageProjection.Head head = head(sets.count())) {
      SparseProduct.average(sets, itemProducts, head.inputs());
      Rows embeddings = head.forward();
      double share = intention.map(Intention::weight).orElse(0.0);
      for (int b = 0; b < sets.count(); b++) {
        rows.addScaled(b, 1 - share, embeddings, b);
        rows.addScaled(b, share, intent, 0);
      }
    }
  }
}
