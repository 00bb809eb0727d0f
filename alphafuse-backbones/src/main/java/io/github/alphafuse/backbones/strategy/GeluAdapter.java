package io.github.alphafuse.backbones.strategy;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.random.RandomGenerator;

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

  static GeluAdapter initial(ElementType type, int[] outAndIn, RandomGenerator random) {
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

  private final class GeluPass implements Pass {
    private final LinearRows linear = new LinearRows(layer);
    private final ElementType type = layer.weight().elementType();
    private Gelu gelu = new Gelu(type, 0);
    private int capacity;

    @Override
    public void forward(Input input, Tensor rows) {
      int dim = layer.out();
      if (capacity < input.items().length) {
        capacity = input.items().length;
        gelu = new Gelu(type, capacity * dim);
      }
      linear.forward(input, rows, (from, to) -> gelu.forward(rows, from * dim, to * dim));
    }

    @Override
    public void backward(Tensor rowGradients, Gradients gradients) {
      int dim = layer.out();
      linear.backward(
          rowGradients,
          (from, to) -> gelu.backward(rowGradients, from * dim, to * dim),
          new LinearLayer(gradients.get(WEIGHT), gradients.get(BIAS)));
    }

    @Override
    public void close() {
      linear.close();
    }
  }
}
