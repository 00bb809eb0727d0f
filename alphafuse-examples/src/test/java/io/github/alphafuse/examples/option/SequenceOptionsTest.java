package io.github.alphafuse.examples.option;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SequenceOptionsTest {

  private static float[] positionsAfterTraining(long seed) {
    Examples.Builder train = Examples.builder(20);
    for (int i = 0; i < 18; i++) {
      train.add("user " + i, new int[] {i, i + 1}, i + 2 < 20 ? i + 2 : 0);
    }
    DatasetSplit split =
        DatasetSplit.builder(ItemVocabulary.ofRows(20)).train(train.build()).build();
    SasRec model = SasRec.builder(IdItemEmbedding.builder(20, 8).build()).dropout(0).build();
    SasRecOptions options =
        CommandLine.populateCommand(
            new SasRecOptions(),
            "--epoch=2",
            "--batch_size=4",
            "--neg_ratio=3",
            "--random_seed=" + seed);
    options.train(model, split, TrainingListener.NONE);
    return requireNonNull(model.parameters().get("position_embedding")).floats();
  }

  @Test
  void theSeedReachesOrderAndNegatives() {
    assertThat(positionsAfterTraining(1)).isEqualTo(positionsAfterTraining(1));
    assertThat(positionsAfterTraining(1)).isNotEqualTo(positionsAfterTraining(2));
  }
}
