package io.github.alphafuse.spring;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import java.util.stream.IntStream;

/** A small model with random weights. */
final class SmallModel {
  private SmallModel() {}

  static SasRec of(int items, long seed) {
    SasRec model =
        SasRec.builder(
                IdItemEmbedding.builder(items, 8)
                    .initializer(IdInitializer.normal())
                    .seed(seed)
                    .build())
            .vocabulary(
                ItemVocabulary.of(IntStream.range(0, items).mapToObj(i -> "item-" + i).toList()))
            .build();
    model.fallback(Fallback.of("popularity", new float[items]));
    return model;
  }
}
