package io.github.alphafuse.backbones.strategy;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.strategy.BlockProduct.Rows;
import io.github.alphafuse.backbones.strategy.Vectors.Piece;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * GELU(W x + b), the adapter of MoRec and WhitenRec.
 *
 * <pre>
 * dp = dy gelu'(p),  p = W x + b        dW = dp' x        db = sum dp
 * </pre>
 */
final class GeluAdapter implements Adapter {
  static final String KIND = "gelu";
  static final String WEIGHT = "item_adapter.weight";
  static final String BIAS = "item_adapter.bias";

  private final LinearLayer layer;
  private final ImmutableMap<String, Tensor> parameters;

  private GeluAdapter(LinearLayer layer) {
    this.layer = layer;
    this.parameters = ImmutableMap.of(WEIGHT, layer.weight(), BIAS, layer.bias());
  }

  static GeluAdapter initial(DataType type, int[] outAndIn, RandomGenerator random) {
    return new GeluAdapter(LinearLayer.initial(type, outAndIn, random));
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int languageDim() {
    return layer.in();
  }

  @Override
  public int dim() {
    return layer.out();
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public void writeSettings(ArchiveWriter archive) {}

  @Override
  public boolean draws() {
    return false;
  }

  @Override
  public Pass newPass() {
    return new GeluPass();
  }

  @Override
  public String toString() {
    return "GELU";
  }

  /** What one thread works with. */
  private final class Lane implements AutoCloseable {
    private final BlockProduct product = BlockProduct.of(layer.weight());
    private final Tensor x = Tensor.zeros(layer.weight().dataType(), BlockProduct.ROWS, layer.in());
    private final Tensor biasGradient = Tensor.zeros(layer.weight().dataType(), layer.out());

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

  private final class GeluPass implements Pass {
    private final Lanes<Lane> lanes = new Lanes<>(Lane::new, Lane::close);
    private final DataType type = layer.weight().dataType();
    private Gelu gelu = new Gelu(type, 0);
    private int capacity;
    private @Nullable Input last;

    @Override
    public void forward(Input input, Tensor rows) {
      int count = input.items().length;
      int dim = layer.out();
      if (capacity < count) {
        capacity = count;
        gelu = new Gelu(type, count * dim);
      }
      last = input;
      lanes.begin(count, Lane::prepare);
      lanes.forEachBlock(
          count,
          (lane, from, to) -> {
            lane.load(input, from, to);
            lane.product.forward(new Rows(lane.x, 0), new Rows(rows, from), to - from);
            for (int m = from; m < to; m++) {
              Vectors.addScaled(1, new Piece(layer.bias(), 0), Piece.row(rows, m), dim);
            }
            gelu.forward(rows, from * dim, to * dim);
          });
    }

    @Override
    public void backward(Tensor rowGradients, Gradients gradients) {
      Input input = requireNonNull(last, "forward comes first");
      int dim = layer.out();
      lanes.forEachBlock(
          input.items().length,
          (lane, from, to) -> {
            gelu.backward(rowGradients, from * dim, to * dim);
            lane.load(input, from, to);
            lane.product.addGradient(new Rows(rowGradients, from), new Rows(lane.x, 0), to - from);
            for (int m = from; m < to; m++) {
              Vectors.addScaled(
                  1, Piece.row(rowGradients, m), new Piece(lane.biasGradient, 0), dim);
            }
          });
      Tensor weight = gradients.get(WEIGHT);
      Tensor bias = gradients.get(BIAS);
      lanes.forEach(
          lane -> {
            lane.product.addTo(weight);
            Vectors.addScaled(1, new Piece(lane.biasGradient, 0), new Piece(bias, 0), dim);
          });
    }

    @Override
    public void close() {
      lanes.close();
    }
  }
}
