package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.strategy.Adapter.Input;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer over the language rows of a step's items, forward and backward, divided among
 * threads:
 *
 * <pre>
 * y = W x + b        dW = dy' x        db = sum dy
 * </pre>
 *
 * <p>Legend: M items, d_l language dimension, d item dimension. Not thread-safe.
 */
final class LinearRows implements AutoCloseable {
  private final LinearLayer layer; // W [d, d_l]
  private final Lanes<Lane> lanes = new Lanes<>(Lane::new, Lane::close);
  private @Nullable Input last;

  /** Rows of a layer whose weights may change between steps. */
  LinearRows(LinearLayer layer) {
    this.layer = layer;
  }

  /** An additional operation on a range of rows, on any thread. */
  @FunctionalInterface
  interface Rowwise {
    void run(int from, int to);
  }

  /** The buffers of one thread. */
  private final class Lane implements AutoCloseable {
    private final ElementType type = layer.weight().elementType();
    private final BlockProduct product = BlockProduct.of(layer.weight());
    private final Rows x = BlockProduct.rows(type, layer.in());
    private final Rows biasGradient = Rows.zeros(type, 1, layer.out());

    void prepare() {
      product.refresh();
      biasGradient.clear();
    }

    /** The input of a range of rows. */
    Rows load(Input input, int from, int to) {
      Rows language = Rows.of(input.language());
      for (int m = from; m < to; m++) {
        x.copy(m - from, language, input.items()[m]);
      }
      return x.rows(0, to - from);
    }

    @Override
    public void close() {
      product.close();
    }
  }

  /** Sets the first M rows y of [M, d] or more, followed by another operation. */
  void forward(Input input, Tensor rows, Rowwise after) {
    int count = input.items().length;
    last = input;
    lanes.begin(count, Lane::prepare);
    lanes.forEachBlock(
        count,
        (lane, from, to) -> {
          Rows y = Rows.of(rows).rows(from, to);
          lane.product.forward(lane.load(input, from, to), y);
          y.addToEach(Rows.of(layer.bias()));
          after.run(from, to);
        });
  }

  /** Adds dW and db of the last forward pass, after another operation. */
  void backward(Tensor rowGradients, Rowwise before, LinearLayer gradient) {
    Input input = requireNonNull(last, "forward comes first");
    lanes.forEachBlock(
        input.items().length,
        (lane, from, to) -> {
          before.run(from, to);
          Rows dy = Rows.of(rowGradients).rows(from, to);
          lane.product.addGradient(dy, lane.load(input, from, to));
          lane.biasGradient.addEach(dy);
        });
    lanes.forEach(
        lane -> {
          lane.product.addTo(Rows.of(gradient.weight()));
          Rows.of(gradient.bias()).add(lane.biasGradient);
        });
  }

  @Override
  public void close() {
    lanes.close();
  }
}
