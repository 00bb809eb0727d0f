package io.github.alphafuse.examples.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import org.junit.jupiter.api.Test;

/**
 * The recommended settings on a generated catalogue, of whose text they need nothing to be known.
 */
class RecommendedPresetTest {
  private static final GeneratedCatalogue CATALOGUE =
      GeneratedCatalogue.builder().items(500).users(2500).dim(32).build();

  private static Evaluation test(Positions positions) {
    DatasetSplit split = CATALOGUE.split();
    SasRecPreset preset = Presets.recommended();
    SasRec model = preset.builder(preset.items(CATALOGUE.embeddings()).build()).build();
    preset.trainer(model).positions(positions).fit(split.train(), split.validation());
    assertThat(model.similarity()).isEqualTo(Similarity.COSINE);
    return Evaluator.fullRanking().maskSeen(true).evaluate(model, split.test());
  }

  @Test
  void everyPositionBeatsTheLastByAQuarterAndPopularityThreeTimes() {
    DatasetSplit split = CATALOGUE.split();
    double popularity =
        Evaluator.fullRanking()
            .maskSeen(true)
            .evaluate(PopularityScorer.of(split.train()), split.test())
            .ndcg(20);
    double last = test(Positions.LAST).ndcg(20);
    double every = test(Positions.EVERY).ndcg(20);
    System.out.printf(
        "test NDCG@20: every position %.4f, last %.4f, popularity %.4f%n", every, last, popularity);
    assertThat(every).isGreaterThan(1.25 * last);
    assertThat(every).isGreaterThan(3 * popularity);
  }
}
