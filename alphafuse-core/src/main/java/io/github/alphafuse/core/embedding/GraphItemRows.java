package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The rows of an {@link ItemEmbedding} inside a SameDiff graph. The rows are fed to a placeholder,
 * whose gradient is added to those of the trained tables.
 *
 * <p>A table inside the graph would need ND4J's {@code gather}, whose gradient is wrong for
 * repeated ids. Feeding rows is exact, and the cost of a step depends on the batch and not on the
 * size of the catalogue:
 *
 * <pre>
 * GraphItemRows history = GraphItemRows.placeholder(graph, items, "history");
 * SDVariable loss = ... history.variable() ...                 // [.., d]
 * graph.createGradFunction("history");
 * INDArray rows = history.gather(ids, batch, length);          // [batch, length, d]
 * INDArray gradient = graph.calculateGradients(Map.of("history", rows), "history").get("history");
 * history.accumulate(ids, gradient, gradients);
 * </pre>
 *
 * <p>Legend: d embedding dimension. Not thread-safe.
 */
public final class GraphItemRows {
  private final ItemEmbedding items;
  private final SDVariable variable;

  private GraphItemRows(ItemEmbedding items, SDVariable variable) {
    this.items = items;
    this.variable = variable;
  }

  /**
   * Adds a placeholder for rows to a graph.
   *
   * @param graph the graph
   * @param items the embedding whose rows will be fed
   * @param name the placeholder's name
   * @return the rows
   */
  public static GraphItemRows placeholder(SameDiff graph, ItemEmbedding items, String name) {
    return new GraphItemRows(items, graph.placeHolder(name, Tensor.nd4jType(items.elementType())));
  }

  /**
   * The placeholder. Its shape is that of the rows that are fed.
   *
   * @return the graph variable, its last axis of length d
   */
  public SDVariable variable() {
    return variable;
  }

  /**
   * The rows of some items, to be fed to the placeholder.
   *
   * @param ids item rows in [0, N], N for the padding item
   * @param leading the leading axes; their product is the number of ids
   * @return [leading..., d], to be closed by the caller
   * @throws IllegalArgumentException if an id is outside [0, N] or the axes do not fit
   */
  public INDArray gather(int[] ids, int... leading) {
    checkArgument(
        Arrays.stream(leading).reduce(1, Math::multiplyExact) == ids.length,
        "axes %s do not hold %s ids",
        Arrays.toString(leading),
        ids.length);
    Tensor rows = Tensor.zeros(items.elementType(), ids.length, items.dim());
    items.gather(ids, rows);
    int[] shape = Arrays.copyOf(leading, leading.length + 1);
    shape[leading.length] = items.dim();
    return rows.reshape(shape).toNd4j();
  }

  /**
   * Adds the gradient of the fed rows to those of the trained tables.
   *
   * @param ids the ids that were gathered
   * @param rowGradients the gradient of the placeholder, in the shape that was fed; not closed
   * @param gradients gradients of the embedding's parameters, added to
   */
  public void accumulate(int[] ids, INDArray rowGradients, Gradients gradients) {
    items.accumulate(ids, Tensor.copyOf(rowGradients).reshape(ids.length, items.dim()), gradients);
  }
}
