package io.github.alphafuse.backbones.sasrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.ItemEmbedding;

/** What a batch must be for a model and a loss, whatever the engine. */
final class BatchCheck {
  private BatchCheck() {}

  /** What the batch is for. */
  record Expected(EncoderWeights weights, ItemEmbedding items, RankingLoss loss) {}

  static void requireFit(TrainingBatch batch, Expected expected) {
    PaddedBatch examples = batch.examples();
    int length = expected.weights().config().maxLength();
    checkArgument(
        examples.length() == length,
        "histories must be padded to the model's %s positions, found %s",
        length,
        examples.length());
    checkArgument(
        examples.padding() == expected.items().itemCount(),
        "the batch must be padded with item %s, found %s",
        expected.items().itemCount(),
        examples.padding());
    checkArgument(
        batch.negativesPerExample() == expected.loss().negatives(),
        "the loss takes %s negatives an example, found %s",
        expected.loss().negatives(),
        batch.negativesPerExample());
    for (int i = 0; i < examples.size(); i++) {
      checkArgument(
          examples.targets()[i] != examples.padding(),
          "target %s must be an item, found the padding item %s",
          i,
          examples.padding());
    }
  }
}
