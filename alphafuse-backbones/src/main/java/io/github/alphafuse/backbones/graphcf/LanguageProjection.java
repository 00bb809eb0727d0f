package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Matrix;
import io.github.alphafuse.core.internal.rows.Rows;
import org.jspecify.annotations.Nullable;

/**
 * The projector of AlphaRec over the language rows of all items, for items and for users.
 *
 * <p>A user's input is the mean of its items' rows. The first map is linear, so its product is
 * computed only for the items and averaged for the users: W_1 mean(z) = mean(W_1 z). No rows of
 * users of width d_l are stored.
 *
 * <p>Legend: N items, B users, d_l language dimension, h inner width, d embedding dimension. Not
 * thread-safe.
 */
final class LanguageProjection implements AutoCloseable {
  /** The slope of LeakyReLU below 0. */
  static final double SLOPE = 0.01;

  private final ProjectorWeights weights;
  private final ElementType type;
  private final Matrix language; // [N, d_l]
  private final Matrix innerWeight; // [h, d_l]
  private final Matrix innerProducts; // [N, h]
  private final Rows itemProducts; // [N, h] W_1 z

  LanguageProjection(ProjectorWeights weights, Tensor language) {
    this.weights = weights;
    this.type = language.elementType();
    this.language = Matrix.copyOf(Rows.of(language));
    this.innerWeight = Matrix.allocate(type, weights.innerDim(), weights.languageDim());
    this.innerProducts = Matrix.allocate(type, language.shape(0), weights.innerDim());
    this.itemProducts = Rows.zeros(type, language.shape(0), weights.innerDim());
  }

  /** Multiplies the items' rows by the current first map. */
  void refresh() {
    innerWeight.read(Rows.of(weights.innerWeight()));
    innerProducts.multiply(language.operand(), innerWeight.operand().transpose(), false);
    innerProducts.write(itemProducts);
  }

  /** The first map of the items' rows, without its bias [N, h]. */
  Rows itemProducts() {
    return itemProducts;
  }

  /** dW_1 from the gradient of the items' products [N, h]. */
  void backward(Rows gradient, Tensor weightGradient) {
    innerProducts.read(gradient);
    // The products themselves are on the heap, so this matrix is free until the next refresh.
    innerWeight.multiply(innerProducts.operand().transpose(), language.operand(), false);
    innerWeight.write(Rows.of(weightGradient));
  }

  /** The rest of the projector after the first product, for some rows. */
  Head head(int count) {
    return new Head(weights, type, count);
  }

  @Override
  public void close() {
    language.close();
    innerWeight.close();
    innerProducts.close();
  }

  /**
   * Bias, LeakyReLU and the second map of rows [B, h] to [B, d]. A linear projector has only the
   * bias. Not thread-safe.
   */
  static final class Head implements AutoCloseable {
    private final ProjectorWeights weights;
    private final Rows activations; // [B, h]
    private final Rows outputs; // [B, d], the activations themselves where it is linear
    private final @Nullable Outer outer;
    private @Nullable Rows inputGradients; // [B, h], made at the first way back

    Head(ProjectorWeights weights, ElementType type, int count) {
      this.weights = weights;
      this.activations = Rows.zeros(type, count, weights.innerDim());
      Tensor weight = weights.outerWeight();
      Tensor bias = weights.outerBias();
      if (weight == null || bias == null) {
        this.outer = null;
        this.outputs = activations;
      } else {
        this.outer = new Outer(weight, bias, count);
        this.outputs = Rows.zeros(type, count, weights.dim());
      }
    }

    /** The second map and the matrices of its products. */
    private static final class Outer {
      private final Rows weight;
      private final Rows bias;
      private final Matrix copy; // [d, h]
      private final Matrix in; // [B, h]
      private final Matrix out; // [B, d]

      Outer(Tensor weight, Tensor bias, int count) {
        this.weight = Rows.of(weight);
        this.bias = Rows.of(bias);
        this.copy = Matrix.allocate(weight.elementType(), weight.shape(0), weight.shape(1));
        this.in = Matrix.allocate(weight.elementType(), count, weight.shape(1));
        this.out = Matrix.allocate(weight.elementType(), count, weight.shape(0));
      }
    }

    /** The buffer for the products [B, h] of the first map. */
    Rows inputs() {
      return activations;
    }

    /** Computes embeddings [B, d] from the inputs. */
    Rows forward() {
      Rows innerBias = Rows.of(weights.innerBias());
      activations.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              activations.addScaled(r, 1, innerBias, 0);
              if (outer != null) {
                activations.leaky(r, SLOPE);
              }
            }
          });
      if (outer == null) {
        return activations;
      }
      outer.copy.read(outer.weight);
      outer.in.read(activations);
      outer.out.multiply(outer.in.operand(), outer.copy.operand().transpose(), false);
      outer.out.write(outputs);
      outputs.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              outputs.addScaled(r, 1, outer.bias, 0);
            }
          });
      return outputs;
    }

    /**
     * Adds to the gradients of both biases and of the second map, after {@link #forward}.
     *
     * @param gradient [B, d] that of the embeddings
     * @return [B, h] that of the inputs; for a linear projector the gradient itself
     */
    Rows backward(Rows gradient, Gradients gradients) {
      if (outer == null) {
        add(gradient.sum(), gradients.get(ProjectorWeights.INNER_BIAS));
        return gradient;
      }
      add(gradient.sum(), gradients.get(ProjectorWeights.OUTER_BIAS));
      outer.out.read(gradient);
      Rows weightGradient = Rows.of(gradients.get(ProjectorWeights.OUTER_WEIGHT));
      try (Matrix sum = Matrix.copyOf(weightGradient)) {
        sum.multiply(outer.out.operand().transpose(), outer.in.operand(), true);
        sum.write(weightGradient);
      }
      outer.in.multiply(outer.out.operand(), outer.copy.operand(), false);
      Rows inputs =
          inputGradients == null
              ? Rows.zeros(activations.elementType(), activations.count(), activations.width())
              : inputGradients;
      inputGradients = inputs;
      outer.in.write(inputs);
      inputs.split(
          (from, to) -> {
            for (int r = from; r < to; r++) {
              inputs.leakyBackward(r, SLOPE, activations);
            }
          });
      add(inputs.sum(), gradients.get(ProjectorWeights.INNER_BIAS));
      return inputs;
    }

    private static void add(double[] sum, Tensor gradient) {
      for (int j = 0; j < sum.length; j++) {
        gradient.set(j, gradient.get(j) + sum[j]);
      }
    }

    @Override
    public void close() {
      if (outer != null) {
        outer.copy.close();
        outer.in.close();
        outer.out.close();
      }
    }
  }
}
