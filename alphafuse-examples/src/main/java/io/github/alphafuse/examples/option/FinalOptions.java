package io.github.alphafuse.examples.option;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.serve.SavedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Training on all interactions, for as long as an earlier training found best. */
@Heading("Training")
public final class FinalOptions {
  /** Options of validation and testing, of which there is neither. */
  private static final ImmutableList<String> UNUSED =
      ImmutableList.of(
          "--split",
          "--split_seed",
          "--split_at",
          "--patience",
          "--metric",
          "--evaluate_every",
          "--groups",
          "--sampled_negatives",
          "--long_tail");

  /** The settings that decide how many epochs are good. */
  private static final ImmutableList<String> COMPARED =
      ImmutableList.of("loss", "learningRate", "weightDecay", "batchSize", "positions");

  @Option(
      names = "--final",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "MODEL",
      description =
          "Train on all interactions and keep nothing back, for the number of epochs that was best"
              + " for this saved model, whose filters of the data are used too; or, without a"
              + " model, for --epoch epochs. There is no validation and no test then.")
  private @Nullable String model;

  private @Nullable Provenance earlier;

  /** Creates the options with their defaults. */
  public FinalOptions() {}

  /** {@return whether all interactions are trained on} */
  public boolean isGiven() {
    return model != null;
  }

  /**
   * Sets the number of epochs and the filters of the data.
   *
   * @param training the options of training
   * @param data the options of the data
   * @param isGiven whether the option with a given name was on the command line
   * @return a line of output about it
   * @throws IllegalArgumentException if the number of epochs is not known, or known twice, or an
   *     option has no effect
   */
  public String apply(TrainingOptions training, DataOptions data, Predicate<String> isGiven) {
    for (String flag : UNUSED) {
      if (isGiven.test(flag)) {
        throw new IllegalArgumentException(
            flag + " has no effect with --final, which keeps nothing back to validate or test on");
      }
    }
    String name = model == null ? "" : model;
    if (name.isEmpty() != isGiven.test("--epoch")) {
      throw new IllegalArgumentException(
          name.isEmpty()
              ? "--final needs a number of epochs: name a model that was trained before, or give"
                  + " --epoch"
              : "--final and --epoch both set the number of epochs; give only one of them");
    }
    String reason = "as --epoch says";
    if (!name.isEmpty()) {
      Provenance found = provenance(Path.of(name));
      Provenance.Outcome outcome = found.outcome();
      training.epochs = outcome.bestEpoch();
      data.follow(found.notes(), isGiven);
      earlier = found;
      reason = "the best of " + outcome.epochs() + " of " + name;
    }
    data.keepNothingBack();
    return "Final:      trained on all interactions for "
        + training.epochs()
        + " epochs, "
        + reason
        + "; no validation, no test";
  }

  /**
   * Compares the settings of the training with those of the earlier one.
   *
   * @param trained what the trained model says of itself
   * @return a line of output, unless all that matter are the same
   */
  public Optional<String> remark(Optional<Provenance> trained) {
    if (earlier == null || trained.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> before = earlier.settings();
    Map<String, String> now = trained.get().settings();
    String differences =
        COMPARED.stream()
            .filter(name -> before.containsKey(name) && !before.get(name).equals(now.get(name)))
            .map(name -> name + " was " + before.get(name) + " and is " + now.get(name))
            .collect(Collectors.joining(", "));
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Note:       the model that --final names was trained in another way, so its number of"
                + " epochs may not suit: "
                + differences);
  }

  private static Provenance provenance(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailedException("--final names no file: expected a saved model at " + file);
    }
    Optional<Provenance> found = SavedModel.load(file).provenance();
    if (found.isEmpty()) {
      throw new CommandFailedException(
          "--final: " + file + " does not say how it was trained; give --epoch without a model");
    }
    Provenance.Outcome outcome = found.get().outcome();
    if (outcome.validation().isEmpty() || outcome.bestEpoch() < 1) {
      throw new CommandFailedException(
          "--final: "
              + file
              + " was not validated, so its best number of epochs is not known; give --epoch without"
              + " a model");
    }
    return found.get();
  }
}
