package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.SequenceOptions;
import picocli.CommandLine.Command;

/** Trains a SASRec model. */
@Command(
    name = "train",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Train a SASRec model on a data folder, or on a generated catalogue.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  alphafuse train --data my-data --output model.alphafuse",
      "  alphafuse train --data my-data --final model.alphafuse --output final.alphafuse",
      "  alphafuse train --data my-data --null_dim 64 --lr 0.001 --loss_type infoNCE --output published.alphafuse"
    })
public final class TrainCommand extends TrainingCommand {

  /** Creates the command with its default options. */
  public TrainCommand() {
    super(SequenceOptions.of(Backbone.SAS_REC));
  }
}
