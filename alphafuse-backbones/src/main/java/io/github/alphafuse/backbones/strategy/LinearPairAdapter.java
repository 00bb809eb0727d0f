package io.github.alphafuse.backbones.strategy;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * W_2 (W_1 x + b_1) + b_2, the adapter of LLM-ESR.
 *
 * <p>There is no activation between the layers. They are folded into one layer once per step, which
 * is exact, so items need only one product:
 *
 * <pre>
 * y = W x + b            W = W_2 W_1              b = W_2 b_1 + b_2
 * dW = sum dy x'         dW_1 = W_2' dW           db_1 = W_2' db
 * db = sum dy            dW_2 = dW W_1' + db b_1' db_2 = db
 * </pre>
 */
final class LinearPairAdapter implements Adapter {
  static final String KIND = "linear-pair";
  static final String INNER = "item_adapter.inner";
  static final String OUTER = "item_adapter.outer";

  private final LinearLayer inner; // W_1 [h, d_l]
  private final LinearLayer outer; // W_2 [d, h]
  private final ImmutableMap<String, Tensor> parameters;

  private LinearPairAdapter(LinearLayer inner, LinearLayer outer) {
    this.inner = inner;
    this.outer = outer;
    this.parameters =
        ImmutableMap.of(
            INNER + ".weight", inner.weight(),
            INNER + ".bias", inner.bias(),
            OUTER + ".weight", outer.weight(),
            OUTER + ".bias", outer.bias());
  }

  /** Start weights for widths d, h and d_l. */
  static LinearPairAdapter initial(ElementType type, int[] widths, RandomGenerator random) {
    LinearLayer inner = LinearLayer.initial(type, new int[] {widths[1], widths[2]}, random);
    return new LinearPairAdapter(
        inner, LinearLayer.initial(type, new int[] {widths[0], widths[1]}, random));
  }

  /** An adapter of the stored width h, whose weights have to be read. */
  static LinearPairAdapter sized(ArchiveReader archive, Tensor language, int dim) {
    int hiddenDim = archive.intSetting("hiddenDim");
    archive.requireNumbers("hiddenDim", hiddenDim, dim);
    archive.requireNumbers("hiddenDim", hiddenDim, language.shape(1));
    return initial(
        language.elementType(),
        new int[] {dim, hiddenDim, language.shape(1)},
        new SplittableRandom(0));
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int languageDim() {
    return inner.in();
  }

  @Override
  public int dim() {
    return outer.out();
  }

  @Override
  public ImmutableMap<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public void writeSettings(ArchiveWriter archive) {
    archive.setting("hiddenDim", inner.out());
  }

  @Override
  public boolean draws() {
    return false;
  }

  @Override
  public Pass newPass() {
    return new FoldedPass();
  }

  @Override
  public String toString() {
    return "linear, hidden " + inner.out();
  }

  private final class FoldedPass implements Pass {
    private final ElementType type = inner.weight().elementType();
    private final LinearLayer folded =
        new LinearLayer(
            Tensor.zeros(type, outer.out(), inner.in()), Tensor.zeros(type, outer.out()));
    private final BlockProduct inners = BlockProduct.of(inner.weight());
    private final LinearRows linear = new LinearRows(folded);

    @Override
    public void forward(Input input, Tensor rows) {
      fold();
      linear.forward(input, rows, (from, to) -> {});
    }

    private void fold() {
      inners.refresh();
      Rows outers = Rows.of(outer.weight());
      Rows products = Rows.of(folded.weight());
      forEachBlock((from, to) -> inners.backward(outers.rows(from, to), products.rows(from, to)));
      Rows innerBias = Rows.of(inner.bias());
      for (int o = 0; o < outer.out(); o++) {
        folded.bias().set(o, outers.dot(o, innerBias, 0) + outer.bias().get(o));
      }
    }

    private interface Block {
      void run(int from, int to);
    }

    /** The rows of W_2 in blocks. */
    private void forEachBlock(Block block) {
      for (int from = 0; from < outer.out(); from += BlockProduct.ROWS) {
        block.run(from, Math.min(from + BlockProduct.ROWS, outer.out()));
      }
    }

    @Override
    public void backward(Tensor rowGradients, Gradients gradients) {
      LinearLayer gradient =
          new LinearLayer(
              Tensor.zeros(type, folded.out(), folded.in()), Tensor.zeros(type, folded.out()));
      linear.backward(rowGradients, (from, to) -> {}, gradient);
      unfold(gradient, gradients);
    }

    private void unfold(LinearLayer gradient, Gradients gradients) {
      Rows weight = Rows.of(gradient.weight()); // dW
      Rows bias = Rows.of(gradient.bias()); // db
      Rows outers = Rows.of(outer.weight());
      Rows ofOuter = Rows.of(Tensor.zeros(type, outer.out(), inner.out()));
      inners.refresh();
      forEachBlock(
          (from, to) -> {
            inners.forward(weight.rows(from, to), ofOuter.rows(from, to));
            inners.addGradient(outers.rows(from, to), weight.rows(from, to));
          });
      inners.addTo(Rows.of(gradients.get(INNER + ".weight")));
      Rows innerBias = Rows.of(inner.bias());
      Rows innerBiasGradient = Rows.of(gradients.get(INNER + ".bias"));
      for (int o = 0; o < outer.out(); o++) {
        ofOuter.addScaled(o, bias.get(0, o), innerBias, 0);
        innerBiasGradient.addScaled(0, bias.get(0, o), outers, o);
      }
      Rows.of(gradients.get(OUTER + ".weight")).add(ofOuter);
      Rows.of(gradients.get(OUTER + ".bias")).add(bias);
    }

    @Override
    public void close() {
      linear.close();
      inners.close();
    }
  }
}
