package io.github.alphafuse.backbones.strategy;

import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;

/**
 * The full whitening of language embeddings: all directions with variance, each with variance 1,
 * without a null space. Directions without variance are left out unless there is a floor.
 *
 * @param normalization how rows are brought to one length
 * @param scale the factor of normalised rows, on which only the floor depends
 * @param varianceFloor the variance assumed for directions with less, 0 for none
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
