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

/** The loss of a model that is trained to rank. */
final class RankingOptions {
  private static final int SHARED = 512;

  @Option(
      names = {"--loss_type", "-loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "infoNCE, BCE, CE, cosineCE: infoNCE with all items as negatives, or sampledCE: with items"
              + " that a batch shares (default: sampledCE where it is recommended, else"
              + " ${DEFAULT-VALUE}).")
  private LossType loss = LossType.INFO_NCE;

  @Option(
      names = {"--neg_ratio", "--neg-ratio"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description = "Sampled negatives of each target (default: ${DEFAULT-VALUE}).")
  private int negatives = 64;

  @Option(
      names = "--temperature",
      paramLabel = "TAU",
      converter = Numbers.Positive.class,
      description =
          "What cosines are divided by (default: 0.1 where it is recommended, else"
              + " ${DEFAULT-VALUE}).")
  private double temperature = 0.07;

  @Option(
      names = {"--shared_negatives", "--shared-negatives"},
      paramLabel = "M",
      converter = Numbers.Count.class,
      description =
          "Items drawn for a batch, which its targets share under sampledCE (default: 512, or all"
              + " items if that is fewer).")
  private @Nullable Integer shared;

  @Option(
      names = {"--batch_targets", "--batch-targets"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Whether the targets of a batch are among the shared items (default: ${DEFAULT-VALUE}).")
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
          "Under CE, cosineCE and sampledCE: items of a history are no negatives of its targets"
              + " (default: true where it is recommended, else ${DEFAULT-VALUE}).")
  private boolean excludeHistory;

  /** The loss over a catalogue of so many items. */
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

  /** Whether the loss is that of the papers whose models rank by inner product all the same. */
  boolean isInfoNce() {
    return loss == LossType.INFO_NCE;
  }

  /** Checks what no single option can. */
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

  /** Takes a loss for what is not given. */
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
