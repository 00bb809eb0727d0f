package io.github.alphafuse.backbones.graphcf;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The named weights of AlphaRec's projector.
 *
 * <p>Legend: d_l language dimension, h inner width, d embedding dimension; a linear projector has h
 * = d and no outer map.
 *
 * @param innerWeight [h, d_l]
 * @param innerBias [h]
 * @param outerWeight [d, h], null for a linear projector
 * @param outerBias [d], null for a linear projector
 */
record ProjectorWeights(
    Tensor innerWeight,
    Tensor innerBias,
    @Nullable Tensor outerWeight,
    @Nullable Tensor outerBias) {
  static final String INNER_WEIGHT = "projector.inner.weight";
  static final String INNER_BIAS = "projector.inner.bias";
  static final String OUTER_WEIGHT = "projector.outer.weight";
  static final String OUTER_BIAS = "projector.outer.bias";

  /** Weights and biases uniform within 1 / sqrt(inputs), as in the public implementation. */
  static ProjectorWeights initial(ElementType type, Projector kind, Widths widths, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (kind == Projector.LINEAR) {
      return new ProjectorWeights(
          uniform(type, random, widths.in(), widths.out(), widths.in()),
          uniform(type, random, widths.in(), widths.out()),
          null,
          null);
    }
    int inner = Math.max(1, widths.in() / 2);
    return new ProjectorWeights(
        uniform(type, random, widths.in(), inner, widths.in()),
        uniform(type, random, widths.in(), inner),
        uniform(type, random, inner, widths.out(), inner),
        uniform(type, random, inner, widths.out()));
  }

  /** The widths of a projector: d_l and d. */
  record Widths(int in, int out) {}

  private static Tensor uniform(
      ElementType type, SplittableRandom random, int inputs, int... shape) {
    Tensor tensor = Tensor.zeros(type, shape);
    double bound = 1 / Math.sqrt(inputs);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextDouble(-bound, bound));
    }
    return tensor;
  }

  Projector kind() {
    return outerWeight == null ? Projector.LINEAR : Projector.MLP;
  }

  int languageDim() {
    return innerWeight.shape(1);
  }

  /** The width h of the first map. */
  int innerDim() {
    return innerWeight.shape(0);
  }

  int dim() {
    return outerWeight == null ? innerDim() : outerWeight.shape(0);
  }

  ProjectorWeights copy() {
    return new ProjectorWeights(
        innerWeight.copy(),
        innerBias.copy(),
        outerWeight == null ? null : outerWeight.copy(),
        outerBias == null ? null : outerBias.copy());
  }

  ImmutableMap<String, Tensor> asMap() {
    ImmutableMap.Builder<String, Tensor> map = ImmutableMap.builder();
    map.put(INNER_WEIGHT, innerWeight).put(INNER_BIAS, innerBias);
    if (outerWeight != null && outerBias != null) {
      map.put(OUTER_WEIGHT, outerWeight).put(OUTER_BIAS, outerBias);
    }
    return map.buildOrThrow();
  }

  void write(ArchiveWriter archive) {
    asMap().forEach(archive::array);
  }

  static ProjectorWeights read(ArchiveReader archive) {
    Tensor inner = archive.array(INNER_WEIGHT, -1, -1);
    Tensor bias = archive.array(INNER_BIAS, inner.shape(0));
    if (!archive.hasArray(OUTER_WEIGHT)) {
      return new ProjectorWeights(inner, bias, null, null);
    }
    Tensor outer = archive.array(OUTER_WEIGHT, -1, -1);
    return new ProjectorWeights(
        inner,
        bias,
        archive.array(OUTER_WEIGHT, outer.shape(0), inner.shape(0)),
        archive.array(OUTER_BIAS, outer.shape(0)));
  }
}
