package io.github.alphafuse.examples.command;

import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.SequenceOptions;
import picocli.CommandLine.Command;

/** Trains a SASRec model. */
@Command(
    name = "train",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Train a SASRec model on a folder of data, or on a catalogue that is generated.")
public final class TrainCommand extends TrainingCommand {

  /** A command with its defaults. */
  public TrainCommand() {
    super(SequenceOptions.of(Backbone.SAS_REC));
  }
}
