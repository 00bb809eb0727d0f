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
        "Train a DreamRec model, a diffusion, on a data folder, or on a generated catalogue.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse train_diffusion --data my-data --null_thres 0.25 --lr 0.0001 --checkpoint run.checkpoint --output diffusion.alphafuse"
    })
public final class TrainDiffusionCommand extends TrainingCommand {

  /** Creates the command with its default options. */
  public TrainDiffusionCommand() {
    super(SequenceOptions.of(Backbone.DREAM_REC));
  }
}
