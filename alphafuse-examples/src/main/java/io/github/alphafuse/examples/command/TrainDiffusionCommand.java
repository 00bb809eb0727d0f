package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.SequenceOptions;
import picocli.CommandLine.Command;

/** Trains a DreamRec model. */
@Command(
    name = "train_diffusion",
    aliases = "train-diffusion",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Train a DreamRec model, a diffusion, on a folder of data, or on a catalogue that is generated.")
public final class TrainDiffusionCommand extends TrainingCommand {

  /** A command with its defaults. */
  public TrainDiffusionCommand() {
    super(SequenceOptions.of(Backbone.DREAM_REC));
  }
}
