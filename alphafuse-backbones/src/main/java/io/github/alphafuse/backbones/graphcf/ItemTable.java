package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.backbones.internal.CallGate;
import io.github.alphafuse.backbones.internal.ItemProducts;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.DenseKernels;
import io.github.alphafuse.core.internal.DoubleOperand;
import org.jspecify.annotations.Nullable;

/**
 * Inner products of vectors with the vectors of all items, in the type of both.
 *
 * <p>Legend: B vectors, N items, d width. Thread-safe; closing waits for running calls.
 */
final class ItemTable implements AutoCloseable {
  private final Tensor rows;
  private final @Nullable ItemProducts products;
  private final CallGate gate = new CallGate();

  ItemTable(Tensor rows) {
    this.rows = rows;
    this.products = rows.elementType() == ElementType.FLOAT32 ? new ItemProducts(rows) : null;
  }

  int itemCount() {
    return rows.shape(0);
  }

  Tensor scores(Tensor vectors) {
    return gate.whileOpen(() -> products == null ? multiply(vectors) : products.scores(vectors));
  }

  TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    return gate.whileOpen(
        () ->
            products == null
                ? TopSelector.best(multiply(vectors), histories, query)
                : products.top(vectors, histories, query));
  }

  private Tensor multiply(Tensor vectors) {
    int dim = rows.shape(1);
    Tensor scores = Tensor.zeros(ElementType.FLOAT64, vectors.shape(0), itemCount());
    DenseKernels.get()
        .multiply(
            DoubleOperand.of(vectors.doubles(), vectors.shape(0), dim),
            DoubleOperand.of(rows.doubles(), itemCount(), dim).transpose(),
            scores.doubles());
    return scores;
  }

  @Override
  public void close() {
    gate.close(
        () -> {
          if (products != null) {
            products.close();
          }
        });
  }
}
