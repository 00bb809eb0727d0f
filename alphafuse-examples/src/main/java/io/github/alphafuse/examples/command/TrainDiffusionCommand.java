package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains a DreamRec model. */
@Command(
    name = "train_diffusion",
    aliases = "train-diffusion",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Train a DreamRec model, a diffusion, on a folder of data, or on a catalogue that is generated.")
public final class TrainDiffusionCommand extends TrainingCommand {
  @Mixin private final DiffusionOptions diffusion = new DiffusionOptions();

  /** A command with its defaults. */
  public TrainDiffusionCommand() {
    super(Recipe.DREAM_REC);
  }

  @Override
  void check() {
    diffusion.check();
  }

  @Override
  SequenceModel build(ModelOptions shape, ItemEmbedding items, ItemVocabulary vocabulary) {
    return diffusion.build(shape.dreamRec(items, vocabulary));
  }

  @Override
  DiffusionLoss loss() {
    return diffusion.loss();
  }

  @Override
  void describe(Map<String, Object> settings) {
    diffusion.describe(settings);
  }
}
