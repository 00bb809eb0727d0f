package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;

/**
 * The options that graph models have in common; each is checked where it is set.
 *
 * <p>Legend: d embedding dimension, K layers. Not thread-safe.
 *
 * @param <B> the model's own builder
 */
public abstract class GraphModelBuilder<B extends GraphModelBuilder<B>> {
  final InteractionGraph graph;
  private final int minLayers;
  int dim = 64;
  int layers = 2;
  ElementType type = ElementType.FLOAT32;
  long seed = 22;

  GraphModelBuilder(InteractionGraph graph, int minLayers) {
    this.graph = graph;
    this.minLayers = minLayers;
  }

  abstract B self();

  /**
   * Sets the width of an embedding. The default is 64.
   *
   * @param dim d, at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B dim(int dim) {
    checkArgument(dim >= 1, "dim must be at least 1, found %s", dim);
    this.dim = dim;
    return self();
  }

  /**
   * Sets the number of propagation layers. The default is 2.
   *
   * @param layers K, from 1 to 100, or from 0 for AlphaRec
   * @return this builder
   * @throws IllegalArgumentException if outside that
   */
  @CanIgnoreReturnValue
  public B layers(int layers) {
    GraphSetup.requireLayers(layers, minLayers);
    this.layers = layers;
    return self();
  }

  /**
   * Sets the type of the weights. The default is FLOAT32.
   *
   * @param elementType the type
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B elementType(ElementType elementType) {
    this.type = checkNotNull(elementType, "elementType must not be null");
    return self();
  }

  /**
   * Sets the seed of the start weights. The default is 22.
   *
   * @param seed any number
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B seed(long seed) {
    this.seed = seed;
    return self();
  }
}
