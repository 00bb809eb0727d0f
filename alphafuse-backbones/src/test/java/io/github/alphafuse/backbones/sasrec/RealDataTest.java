package io.github.alphafuse.backbones.sasrec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Real titles and histories, where the system property {@code alphafuse.data} names their folder.
 */
class RealDataTest {

  @Test
  void beatsPopularityAfterTwoEpochs() {
    String property = System.getProperty("alphafuse.data", "");
    Assumptions.assumeFalse(property.isBlank(), "the property alphafuse.data names no folder");
    Path folder = Path.of(property, "games-amazon18");
    Assumptions.assumeTrue(Files.isDirectory(folder), () -> folder + " is not there");

    LanguageEmbeddings text = LanguageEmbeddings.npy(folder.resolve("item_embeddings.npy"));
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(128).nullDim(64).fit(text);
    assertThat(projector.residual()).isLessThan(1e-10);
    assertThat(projector.orthonormalityError()).isLessThan(1e-10);

    DatasetSplit dataset = DataFolder.builder(folder).itemCount(text.itemCount()).open().split();
    SasRec model = SasRec.builder(FusedItemEmbedding.builder(projector, text).build()).build();
    TrainingReport report =
        Trainer.builder(model)
            .loss(InfoNce.withNegatives(64))
            .epochs(2)
            .fit(dataset.train(), dataset.validation());
    double popularity =
        Evaluator.fullRanking()
            .evaluate(PopularityScorer.of(dataset.train()), dataset.validation())
            .ndcg(20);
    assertThat(report.bestValidation().orElseThrow().ndcg(20)).isGreaterThan(1.5 * popularity);
  }
}
