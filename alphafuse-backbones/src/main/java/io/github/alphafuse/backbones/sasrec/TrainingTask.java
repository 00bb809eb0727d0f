package io.github.alphafuse.backbones.sasrec;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.ItemEmbedding;

/** What an objective computes: an encoder over item rows under a loss, at some positions. */
record TrainingTask(EncoderWeights weights, ItemEmbedding items, Target target) {

  /** A loss and its positions. */
  record Target(RankingLoss loss, Positions positions) {}

  RankingLoss loss() {
    return target.loss();
  }

  Positions positions() {
    return target.positions();
  }

  /** Checks a batch, whatever the engine. */
  void requireFit(TrainingBatch batch) {
    int itemCount = items.itemCount();
    weights.config().requireFit(batch.examples(), itemCount, positions());
    checkArgument(
        batch.negativesPerTarget() == loss().negatives(),
        "the loss takes %s negatives for each target, found %s",
        loss().negatives(),
        batch.negativesPerTarget());
    int shared = batch.shared().size();
    checkArgument(
        shared > 0 == (loss().contrast() == Contrast.SHARED),
        "the loss takes %s shared items, found %s",
        loss().contrast() == Contrast.SHARED ? "some" : "no",
        shared);
    checkArgument(
        shared == 0 || batch.shared().items()[shared - 1] < itemCount,
        "shared items must lie in [0, %s), found %s",
        itemCount,
        shared == 0 ? 0 : batch.shared().items()[shared - 1]);
  }
}
