package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;

/**
 * The models that are measured, with the published settings.
 *
 * @param settings the run they are made for
 */
record ModelRecipe(RunSettings settings) {
  private static final double SCALE = 40;

  /** The length of histories in the data. */
  static final int LENGTH = 10;

  /** SASRec of the run's dimensions over text. */
  SasRec sasRec(LanguageEmbeddings text) {
    NullSpaceProjector.Builder projector = projector();
    return sasRec(items(projector.fit(text), text), LENGTH);
  }

  SasRec sasRec(ItemEmbedding items, int length) {
    return SasRec.builder(items)
        .maxLength(length)
        .dropout(0.1)
        .engine(settings.engine())
        .seed(22)
        .build();
  }

  /** DreamRec as wide as the text, over the null space under the variance 0.25. */
  DreamRec dreamRec(LanguageEmbeddings text) {
    NullSpaceProjector projector =
        NullSpaceProjector.builder().nullThreshold(0.25).scale(SCALE).fit(text);
    return DreamRec.builder(items(projector, text))
        .maxLength(LENGTH)
        .dropout(0.1)
        .engine(settings.engine())
        .sampling(Sampling.ddim(100).withForm(settings.form()))
        .seed(22)
        .build();
  }

  /** The projector of SASRec, not yet fitted. */
  NullSpaceProjector.Builder projector() {
    return NullSpaceProjector.builder()
        .embeddingDim(settings.sizes().dim())
        .nullDim(settings.sizes().nullDim())
        .scale(SCALE);
  }

  private static FusedItemEmbedding items(NullSpaceProjector projector, LanguageEmbeddings text) {
    return FusedItemEmbedding.builder(projector, text)
        .idInitializer(IdInitializer.normal())
        .seed(22)
        .build();
  }
}
