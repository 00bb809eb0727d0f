package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.strategy.Adapter.Input;
import io.github.alphafuse.backbones.strategy.BlockProduct.Rows;
import io.github.alphafuse.backbones.strategy.Vectors.Piece;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
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
    private final Tensor x = Tensor.zeros(type, BlockProduct.ROWS, layer.in());
    private final Tensor biasGradient = Tensor.zeros(type, layer.out());

    void prepare() {
      product.refresh();
      biasGradient.fill(0);
    }

    void load(Input input, int from, int to) {
      for (int m = from; m < to; m++) {
        Vectors.copy(
            Piece.row(input.language(), input.items()[m]), Piece.row(x, m - from), layer.in());
      }
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
          lane.load(input, from, to);
          lane.product.forward(new Rows(lane.x, 0), new Rows(rows, from), to - from);
          for (int m = from; m < to; m++) {
            Vectors.addScaled(1, new Piece(layer.bias(), 0), Piece.row(rows, m), layer.out());
          }
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
          lane.load(input, from, to);
          lane.product.addGradient(new Rows(rowGradients, from), new Rows(lane.x, 0), to - from);
          for (int m = from; m < to; m++) {
            Vectors.addScaled(
                1, Piece.row(rowGradients, m), new Piece(lane.biasGradient, 0), layer.out());
          }
        });
    lanes.forEach(
        lane -> {
          lane.product.addTo(gradient.weight());
          Vectors.addScaled(
              1, new Piece(lane.biasGradient, 0), new Piece(gradient.bias(), 0), layer.out());
        });
  }

  @Override
  public void close() {
    lanes.close();
  }
}
