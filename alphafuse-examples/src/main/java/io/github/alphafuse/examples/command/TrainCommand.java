package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.SequenceOptions;
import picocli.CommandLine.Command;

/** Trains a SASRec model. */
@Command(
    name = "train",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Train a SASRec model on a data folder, or on a generated catalogue.")
public final class TrainCommand extends TrainingCommand {

  /** Creates the command with its default options. */
  public TrainCommand() {
    super(SequenceOptions.of(Backbone.SAS_REC));
  }
}
