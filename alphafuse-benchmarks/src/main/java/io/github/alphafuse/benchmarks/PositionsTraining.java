package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.Adam;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Training at every position with the recommended settings, on data that are made for it: items are
 * drawn by a power law, so that a batch repeats its targets as real ones do.
 */
final class PositionsTraining {
  private static final int ITEMS = 20_000;
  private static final int EXAMPLES = 20_000;
  private static final double MEAN_POSITIONS = 6.4;
  private static final double EXPONENT = 0.8;

  private PositionsTraining() {}

  /** SASRec at every position under a loss, batches of 320 sequences, about 2,048 positions. */
  static Training<RankingLoss> of(RunSettings settings, RankingLoss loss) {
    int items =
        settings.sizes().grid().items().isEmpty() ? ITEMS : settings.sizes().grid().items().get(0);
    int dim = settings.sizes().dim();
    SasRecPreset preset = Presets.recommended();
    SplittableRandom random = new SplittableRandom(22);
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, items, dim);
    for (int i = 0; i < rows.size(); i++) {
      rows.set(i, preset.rowScale() * random.nextGaussian());
    }
    FusedItemEmbedding embedding =
        FusedItemEmbedding.ofProjected(rows, dim, false)
            .idInitializer(IdInitializer.zeros())
            .build();
    SasRec model = preset.builder(embedding).engine(settings.engine()).build();
    Adam adam =
        Adam.builder(model.parameters())
            .learningRate(preset.learningRate())
            .weightDecay(1e-6)
            .build();
    return new Training<>(
        model,
        loss,
        adam,
        examples(items, model.maxLength(), random),
        new Training.Batches(Positions.EVERY, preset.batchSize()));
  }

  private static Examples examples(int items, int length, SplittableRandom random) {
    double[] bounds = new double[items];
    double total = 0;
    for (int i = 0; i < items; i++) {
      total += Math.pow(i + 1, -EXPONENT);
      bounds[i] = total;
    }
    Examples.Builder examples = Examples.builder(items);
    for (int i = 0; i < EXAMPLES; i++) {
      int count = (int) Math.round(1 + random.nextDouble() * 2 * (MEAN_POSITIONS - 1));
      int[] drawn = new int[Math.min(length, count) + 1];
      for (int j = 0; j < drawn.length; j++) {
        int found = Arrays.binarySearch(bounds, random.nextDouble() * total);
        drawn[j] = Math.min(items - 1, found >= 0 ? found : -found - 1);
      }
      examples.add("u" + i, Arrays.copyOf(drawn, drawn.length - 1), drawn[drawn.length - 1]);
    }
    return examples.build();
  }
}
