package io.github.alphafuse.backbones.sasrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.ItemEmbedding;

/** The checks of a batch for a model and a loss, for all engines. */
final class BatchCheck {
  private BatchCheck() {}

  /** The training task: an encoder over item rows under a loss, at some positions. */
  record Expected(EncoderWeights weights, ItemEmbedding items, Target target) {
    RankingLoss loss() {
      return target.loss();
    }

    Positions positions() {
      return target.positions();
    }
  }

  /** A loss and its positions. */
  record Target(RankingLoss loss, Positions positions) {}

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
        examples.positions() == expected.positions(),
        "the batch must have targets at the positions %s, found %s",
        expected.positions(),
        examples.positions());
    checkArgument(
        batch.negativesPerTarget() == expected.loss().negatives(),
        "the loss takes %s negatives for each target, found %s",
        expected.loss().negatives(),
        batch.negativesPerTarget());
    int shared = batch.shared().size();
    checkArgument(
        shared > 0 == (expected.loss().contrast() == Contrast.SHARED),
        "the loss takes %s shared items, found %s",
        expected.loss().contrast() == Contrast.SHARED ? "some" : "no",
        shared);
    checkArgument(
        shared == 0 || batch.shared().items()[shared - 1] < examples.padding(),
        "shared items must lie in [0, %s), found %s",
        examples.padding(),
        shared == 0 ? 0 : batch.shared().items()[shared - 1]);
    for (int i = 0; i < examples.targets().length; i++) {
      checkArgument(
          examples.targets()[i] != examples.padding(),
          "target %s must be an item, found the padding item %s",
          i,
          examples.padding());
    }
  }
}
