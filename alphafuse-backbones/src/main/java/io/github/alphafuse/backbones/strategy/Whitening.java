package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;

/**
 * The full whitening of language embeddings: all directions with variance, each of variance 1, no
 * null space. Those without variance are left out, unless there is a floor.
 *
 * @param normalization how rows are brought to one length
 * @param scale what normalised rows are multiplied by: only the floor is measured in it
 * @param varianceFloor the variance taken for directions with less, 0 for none
 */
record Whitening(RowNormalization normalization, double scale, double varianceFloor) {
  NullSpaceProjector fit(LanguageEmbeddings text) {
    return NullSpaceProjector.builder()
        .nullDim(0)
        .normalize(normalization)
        .scale(scale)
        .standardize(true)
        .varianceFloor(varianceFloor)
        .fit(text);
  }
}
