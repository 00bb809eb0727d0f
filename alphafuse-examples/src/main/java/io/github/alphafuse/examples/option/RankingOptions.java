package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.loss.SharedNegatives;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the loss of a ranking model. */
@Heading("Loss")
final class RankingOptions {
  private static final int SHARED = 512;

  @Option(
      names = {"--loss_type", "-loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "Loss: infoNCE, BCE, CE, cosineCE (infoNCE with all items as negatives) or"
              + " sampledCE (infoNCE with negatives that a batch shares) (default: sampledCE"
              + " with recommended settings, otherwise ${DEFAULT-VALUE}).")
  private LossType loss = LossType.INFO_NCE;

  @Option(
      names = {"--neg_ratio", "--neg-ratio"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description = "Number of sampled negatives per target (default: ${DEFAULT-VALUE}).")
  private int negatives = 64;

  @Option(
      names = "--temperature",
      paramLabel = "TAU",
      converter = Numbers.Positive.class,
      description =
          "Temperature, which divides the cosines (default: 0.1 with recommended settings,"
              + " otherwise ${DEFAULT-VALUE}).")
  private double temperature = 0.07;

  @Option(
      names = {"--shared_negatives", "--shared-negatives"},
      paramLabel = "M",
      converter = Numbers.Count.class,
      description =
          "Number of items drawn per batch under sampledCE, as negatives that its targets"
              + " share (default: 512, or all items if there are fewer).")
  private @Nullable Integer shared;

  @Option(
      names = {"--batch_targets", "--batch-targets"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Add the targets of a batch to the shared items (default: ${DEFAULT-VALUE}).")
  private boolean batchTargets = true;

  @Option(
      names = "--weighted",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Weight shared items by how likely they are to be drawn (default: ${DEFAULT-VALUE}).")
  private boolean weighted = true;

  @Option(
      names = {"--exclude_history", "--exclude-history"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Do not use items of a history as negatives of its targets, under CE, cosineCE and"
              + " sampledCE (default: true with recommended settings, otherwise"
              + " ${DEFAULT-VALUE}).")
  private boolean excludeHistory;

  /** Returns the loss over a catalogue of {@code itemCount} items. */
  RankingLoss loss(int itemCount) {
    return switch (loss) {
      case INFO_NCE -> InfoNce.withNegatives(negatives).temperature(temperature);
      case BCE -> BinaryCrossEntropy.withNegatives(negatives);
      case CE -> FullSoftmax.ofInnerProducts().excludesHistory(excludeHistory);
      case COSINE_CE -> FullSoftmax.ofCosines(temperature).excludesHistory(excludeHistory);
      case SAMPLED_CE ->
          new SampledSoftmax(
              new SharedNegatives(
                  shared == null ? Math.min(SHARED, itemCount) : shared, batchTargets, weighted),
              temperature,
              excludeHistory);
    };
  }

  /**
   * Whether the loss is InfoNCE, whose published models rank by inner product although it scores
   * cosines.
   */
  boolean isInfoNce() {
    return loss == LossType.INFO_NCE;
  }

  /** Checks the combination of options. */
  void check(Predicate<String> isGiven) {
    for (String flag : List.of("--shared_negatives", "--batch_targets", "--weighted")) {
      if (isGiven.test(flag) && loss != LossType.SAMPLED_CE) {
        throw new IllegalArgumentException(
            flag + " is for --loss_type sampledCE, found --loss_type " + loss);
      }
    }
    if (isGiven.test("--exclude_history") && loss.hasNegatives()) {
      throw new IllegalArgumentException(
          "--exclude_history is for --loss_type CE, cosineCE or sampledCE, found --loss_type "
              + loss);
    }
  }

  /** Adds a clause for each given option that has no effect with the chosen loss. */
  void addWithoutEffect(Predicate<String> isGiven, List<String> clauses) {
    if (isGiven.test("--neg_ratio") && !loss.hasNegatives()) {
      clauses.add("--neg_ratio has no effect with --loss_type " + loss);
    }
    if (isGiven.test("--temperature") && !loss.hasTemperature()) {
      clauses.add("--temperature has no effect with --loss_type " + loss);
    }
  }

  /** Applies the loss of a preset, except for options given on the command line. */
  void set(RankingLoss preset, Predicate<String> isGiven) {
    if (preset instanceof SampledSoftmax sampled) {
      setUnlessGiven("--loss_type", isGiven, () -> loss = LossType.SAMPLED_CE);
      setUnlessGiven("--temperature", isGiven, () -> temperature = sampled.temperature());
      setUnlessGiven(
          "--exclude_history",
          isGiven,
          () -> excludeHistory = !loss.hasNegatives() && sampled.excludesHistory());
    } else if (preset instanceof InfoNce published) {
      setUnlessGiven("--loss_type", isGiven, () -> loss = LossType.INFO_NCE);
      setUnlessGiven("--neg_ratio", isGiven, () -> negatives = published.negatives());
      setUnlessGiven("--temperature", isGiven, () -> temperature = published.temperature());
    }
  }

  private static void setUnlessGiven(String flag, Predicate<String> isGiven, Runnable setting) {
    if (!isGiven.test(flag)) {
      setting.run();
    }
  }

  void describe(Map<String, Object> settings) {
    settings.put("loss_type", loss.toString());
    settings.put("neg_ratio", negatives);
    settings.put("temperature", temperature);
    settings.put("shared_negatives", shared == null ? SHARED : shared);
    settings.put("batch_targets", batchTargets);
    settings.put("weighted", weighted);
    settings.put("exclude_history", excludeHistory);
  }
}
