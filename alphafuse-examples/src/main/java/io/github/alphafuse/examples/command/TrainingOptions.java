package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is trained and when training ends. */
final class TrainingOptions {
  @Option(
      names = "--lr",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description = "Learning rate of Adam (default: 0.001; generated data: 0.01).")
  @Nullable Double learningRate;

  @Option(
      names = {"--loss_type", "-loss_type", "--loss-type"},
      paramLabel = "NAME",
      description =
          "infoNCE, BCE, CE, or cosineCE: infoNCE with all items as negatives (default:"
              + " ${DEFAULT-VALUE}).")
  LossType loss = LossType.INFO_NCE;

  @Option(
      names = {"--neg_ratio", "--neg-ratio"},
      paramLabel = "K",
      converter = Numbers.Count.class,
      description = "Sampled negatives an example (default: ${DEFAULT-VALUE}).")
  int negatives = 64;

  @Option(
      names = "--temperature",
      paramLabel = "TAU",
      converter = Numbers.Positive.class,
      description = "What cosines are divided by (default: ${DEFAULT-VALUE}).")
  double temperature = 0.07;

  @Option(
      names = {"--batch_size", "--batch-size"},
      paramLabel = "B",
      converter = Numbers.Count.class,
      description = "Examples a step (default: ${DEFAULT-VALUE}).")
  int batchSize = 256;

  @Option(
      names = {"--epoch", "--epochs"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "The most epochs (default: 500; generated data: 20).")
  @Nullable Integer epochs;

  @Option(
      names = {"--l2_decay", "--l2-decay"},
      paramLabel = "X",
      converter = Numbers.NotNegative.class,
      description = "L2 regularisation (default: ${DEFAULT-VALUE}).")
  double decay = 1e-6;

  @Option(
      names = "--patience",
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Evaluations without a gain that end training (default: ${DEFAULT-VALUE}).")
  int patience = 50;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description = "Validation metric that the best epoch is chosen by (default: NDCG@20).")
  Metric metric = Metric.ndcg(20);

  @Option(
      names = {"--no_shuffle", "--no-shuffle"},
      description = "Keep the order of the files, as the authors' scripts do.")
  boolean noShuffle;

  @Option(
      names = "--prefixes",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Train on every prefix of a training sequence (default: ${DEFAULT-VALUE}).")
  boolean prefixes;

  @Option(
      names = {"--mask_seen", "--mask-seen"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Leave items of the history out of the ranking (default: ${DEFAULT-VALUE}).")
  boolean maskSeen;

  private boolean generated;

  /** Sets the defaults that differ for generated data, which are few and should be quick. */
  void forGeneratedData() {
    this.generated = true;
  }

  int epochs() {
    return epochs == null ? (generated ? 20 : 500) : epochs;
  }

  private double learningRate() {
    return learningRate == null ? (generated ? 1e-2 : 1e-3) : learningRate;
  }

  RankingLoss loss() {
    return switch (loss) {
      case INFO_NCE -> InfoNce.withNegatives(negatives).temperature(temperature);
      case BCE -> BinaryCrossEntropy.withNegatives(negatives);
      case CE -> FullSoftmax.ofInnerProducts();
      case COSINE_CE -> FullSoftmax.ofCosines(temperature);
    };
  }

  Evaluator evaluator() {
    return Evaluator.fullRanking().maskSeen(maskSeen);
  }

  /** What is trained, and the seed of order, negatives and dropout. */
  record Run(SequenceModel model, long seed) {}

  /** Trains a model; without validation examples, for all epochs. */
  TrainingReport train(Run run, DatasetSplit split, TrainingListener listener) {
    Trainer.Builder trainer =
        Trainer.builder(run.model())
            .seed(run.seed())
            .loss(loss())
            .learningRate(learningRate())
            .weightDecay(decay)
            .batchSize(batchSize)
            .epochs(epochs())
            .shuffle(!noShuffle)
            .earlyStopping(metric, patience)
            .evaluator(evaluator())
            .listener(listener);
    Examples train = prefixes ? split.train().withPrefixes() : split.train();
    return split.validation().isEmpty()
        ? trainer.fit(train)
        : trainer.fit(train, split.validation());
  }

  void describe(Map<String, Object> settings) {
    settings.put("lr", learningRate());
    settings.put("loss_type", loss.toString());
    settings.put("neg_ratio", negatives);
    settings.put("temperature", temperature);
    settings.put("batch_size", batchSize);
    settings.put("epoch", epochs());
    settings.put("l2_decay", decay);
    settings.put("patience", patience);
    settings.put("metric", metric.toString());
    settings.put("shuffle", !noShuffle);
    settings.put("prefixes", prefixes);
    settings.put("mask_seen", maskSeen);
  }
}
