package io.github.alphafuse.backbones.strategy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.encoder.DualViewItems;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.rows.Rows;

/**
 * The rows of two embeddings of one catalogue, width and type, side by side.
 *
 * <p>Legend: N items, d width of a view. Thread-safe if the two embeddings are.
 */
abstract class PairedRows implements DualViewItems {
  private final ItemEmbedding ids;
  private final ItemEmbedding texts;
  private final ImmutableMap<String, Tensor> parameters;

  PairedRows(ItemEmbedding ids, ItemEmbedding texts) {
    checkArgument(
        ids.itemCount() == texts.itemCount()
            && ids.dim() == texts.dim()
            && ids.elementType() == texts.elementType(),
        "both views must be of %s items, dimension %s and type %s, found %s, %s and %s",
        ids.itemCount(),
        ids.dim(),
        ids.elementType(),
        texts.itemCount(),
        texts.dim(),
        texts.elementType());
    this.ids = ids;
    this.texts = texts;
    this.parameters =
        ImmutableMap.<String, Tensor>builder()
            .putAll(ids.parameters())
            .putAll(texts.parameters())
            .buildOrThrow();
  }

  @Override
  public final int itemCount() {
    return ids.itemCount();
  }

  @Override
  public final int dim() {
    return 2 * ids.dim();
  }

  @Override
  public final ElementType elementType() {
    return ids.elementType();
  }

  @Override
  public final ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public final void gather(int[] items, Tensor rows, int at) {
    requireRows("rows", rows, at + items.length);
    Tensor view = Tensor.zeros(elementType(), items.length, ids.dim());
    ids.gather(items, view);
    put(view, rows, at, 0);
    texts.gather(items, view);
    put(view, rows, at, ids.dim());
  }

  private static void put(Tensor view, Tensor rows, int at, int column) {
    Rows.of(rows)
        .rows(at, at + view.shape(0))
        .columns(column, view.shape(1))
        .copyFrom(Rows.of(view));
  }

  @Override
  public final void accumulate(int[] items, Tensor rowGradients, Gradients gradients) {
    requireRows("rowGradients", rowGradients, items.length);
    ids.accumulate(items, view(rowGradients, items.length, 0), gradients);
    texts.accumulate(items, view(rowGradients, items.length, ids.dim()), gradients);
  }

  private Tensor view(Tensor rows, int count, int column) {
    Tensor view = Tensor.zeros(elementType(), count, ids.dim());
    Rows.of(view).copyFrom(Rows.of(rows).columns(column, ids.dim()));
    return view;
  }

  @Override
  public final void start(int[] touched, Gradients gradients) {
    ids.start(touched, gradients);
    texts.start(touched, gradients);
  }

  @Override
  public final int firstTrainedColumn() {
    return 0;
  }

  @Override
  public final Tensor table() {
    Tensor all = Tensor.zeros(elementType(), itemCount(), dim());
    put(ids.table(), all, 0, 0);
    put(texts.table(), all, 0, ids.dim());
    return all;
  }

  @Override
  public final void accumulateTable(Tensor tableGradient, Gradients gradients) {
    requireRows("tableGradient", tableGradient, itemCount());
    ids.accumulateTable(view(tableGradient, itemCount(), 0), gradients);
    texts.accumulateTable(view(tableGradient, itemCount(), ids.dim()), gradients);
  }

  private void requireRows(String name, Tensor rows, int count) {
    checkArgument(
        rows.rank() == 2
            && rows.shape(0) >= count
            && rows.shape(1) == dim()
            && rows.elementType() == elementType(),
        "%s must be of type %s and have shape [%s, %s] or more rows, found %s",
        name,
        elementType(),
        count,
        dim(),
        rows);
  }
}
