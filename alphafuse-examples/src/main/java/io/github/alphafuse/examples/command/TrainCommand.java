package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains a SASRec model. */
@Command(
    name = "train",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Train a SASRec model on a folder of data, or on a catalogue that is generated.")
public final class TrainCommand extends TrainingCommand {
  @Mixin private final RankingOptions ranking = new RankingOptions();

  /** A command with its defaults. */
  public TrainCommand() {
    super(Recipe.SAS_REC);
  }

  @Override
  void check() {}

  @Override
  SequenceModel build(ModelOptions shape, ItemEmbedding items, ItemVocabulary vocabulary) {
    return shape.sasRec(items, vocabulary);
  }

  @Override
  RankingLoss loss() {
    return ranking.loss();
  }

  @Override
  void describe(Map<String, Object> settings) {
    ranking.describe(settings);
  }
}
