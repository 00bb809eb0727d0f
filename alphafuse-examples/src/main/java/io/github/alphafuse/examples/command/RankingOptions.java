package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** The loss of a model that is trained to rank. */
final class RankingOptions {
  @Option(
      names = {"--loss_type", "-loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "infoNCE, BCE, CE, or cosineCE: infoNCE with all items as negatives (default:"
              + " ${DEFAULT-VALUE}).")
  private LossType loss = LossType.INFO_NCE;

  @Option(
      names = {"--neg_ratio", "--neg-ratio"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description = "Sampled negatives an example (default: ${DEFAULT-VALUE}).")
  private int negatives = 64;

  @Option(
      names = "--temperature",
      paramLabel = "TAU",
      converter = Numbers.Positive.class,
      description = "What cosines are divided by (default: ${DEFAULT-VALUE}).")
  private double temperature = 0.07;

  RankingLoss loss() {
    return switch (loss) {
      case INFO_NCE -> InfoNce.withNegatives(negatives).temperature(temperature);
      case BCE -> BinaryCrossEntropy.withNegatives(negatives);
      case CE -> FullSoftmax.ofInnerProducts();
      case COSINE_CE -> FullSoftmax.ofCosines(temperature);
    };
  }

  /** Takes a loss for what is not given. */
  void set(InfoNce published, Predicate<String> isGiven) {
    if (!isGiven.test("--loss_type")) {
      loss = LossType.INFO_NCE;
    }
    if (!isGiven.test("--neg_ratio")) {
      negatives = published.negatives();
    }
    if (!isGiven.test("--temperature")) {
      temperature = published.temperature();
    }
  }

  void describe(Map<String, Object> settings) {
    settings.put("loss_type", loss.toString());
    settings.put("neg_ratio", negatives);
    settings.put("temperature", temperature);
  }
}
