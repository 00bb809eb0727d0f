package io.github.alphafuse.examples.command;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.train.LearningRateSchedule;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is trained and when training ends. */
final class TrainingOptions {
  @Option(
      names = "--lr",
      paramLabel = "RATE",
      converter = Numbers.Positive.class,
      description =
          "Learning rate (default: 0.005 where it is recommended, else 0.001, for a diffusion 0.00001;"
              + " on generated data 0.01).")
  @Nullable Double learningRate;

  @Option(
      names = {"--batch_size", "--batch-size"},
      paramLabel = "B",
      converter = Numbers.Count.class,
      description =
          "Examples a step (default: 320 where it is recommended, else ${DEFAULT-VALUE}).")
  int batchSize = 256;

  @Option(
      names = {"--epoch", "--epochs"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description =
          "The most epochs (default: 15 where it is recommended, else 500, for a diffusion 1000; on"
              + " generated data 20).")
  @Nullable Integer epochs;

  @Option(
      names = {"--l2_decay", "--l2-decay"},
      paramLabel = "X",
      converter = Numbers.NotNegative.class,
      description =
          "Weight decay: L2 regularisation, or decoupled (AdamW) for a diffusion (default:"
              + " ${DEFAULT-VALUE}).")
  double decay;

  @Option(
      names = {"--lazy_adam", "--lazy-adam"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Update only the item rows that a step gives a gradient: faster for very large catalogues,"
              + " with other weights than the published dense updates (default: ${DEFAULT-VALUE}).")
  boolean lazyAdam;

  @Option(
      names = {"--evaluate_every", "--evaluate-every"},
      paramLabel = "N",
      converter = Numbers.Count.class,
      description = "Epochs from one evaluation to the next (default: ${DEFAULT-VALUE}).")
  int evaluateEvery;

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
      names = "--positions",
      paramLabel = "NAME",
      description =
          "Where a history has targets: last, at its last position, or every, at each of them"
              + " (default: every where it is recommended, else last).")
  Positions positions = Positions.LAST;

  @Option(
      names = {"--warm_up", "--warm-up"},
      paramLabel = "STEPS",
      converter = Numbers.CountOrZero.class,
      description =
          "Steps over which the learning rate rises from 0 (default: 100, or a tenth of the run,"
              + " where it is recommended, else 0).")
  @Nullable Integer warmUp;

  @Option(
      names = {"--lr_schedule", "--lr-schedule"},
      paramLabel = "NAME",
      description =
          "The learning rate after the warm-up: constant, or linear: down to 0 at the last step"
              + " (default: linear where it is recommended, else constant).")
  private RateSchedule rateSchedule = RateSchedule.CONSTANT;

  private LearningRateSchedule schedule = LearningRateSchedule.constant();

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
      description =
          "Choose the best epoch by the ranking without the items of a history (default: true where"
              + " it is recommended, else ${DEFAULT-VALUE}); the test shows both.")
  boolean maskSeen;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description =
          "Save the state of training to this file after each epoch, and go on from it where it"
              + " exists.")
  @Nullable Path checkpoint;

  private final Backbone backbone;
  private boolean generated;

  TrainingOptions(Backbone backbone) {
    this.backbone = backbone;
    this.decay = backbone.isDiffusion() ? 0 : 1e-6;
    this.evaluateEvery = backbone.isDiffusion() ? 5 : 1;
  }

  /** Sets the defaults that differ for generated data, which are few and should be quick. */
  void forGeneratedData() {
    this.generated = true;
  }

  int epochs() {
    return epochs == null ? (generated ? 20 : (backbone.isDiffusion() ? 1000 : 500)) : epochs;
  }

  double learningRate() {
    return learningRate == null
        ? (generated ? 1e-2 : (backbone.isDiffusion() ? 1e-5 : 1e-3))
        : learningRate;
  }

  /** Takes the settings of a preset for what is not given. */
  void set(SasRecPreset preset, Predicate<String> isGiven) {
    if (!isGiven.test("--batch_size")) {
      batchSize = preset.batchSize();
    }
    if (!isGiven.test("--epoch")) {
      epochs = preset.epochs();
    }
    // Prefixes are what is left to a model that cannot be trained at every position.
    if (!isGiven.test("--positions") && !prefixes) {
      positions = preset.positions();
    }
    if (!isGiven.test("--mask_seen")) {
      maskSeen = preset.maskSeen();
    }
    schedule = preset.learningRateSchedule();
    if (!isGiven.test("--lr_schedule")) {
      rateSchedule = schedule.linearDecay() ? RateSchedule.LINEAR : RateSchedule.CONSTANT;
    }
  }

  /** Takes prefixes in the place of every position, for a model that cannot be trained there. */
  void takePrefixes() {
    if (positions == Positions.EVERY) {
      positions = Positions.LAST;
      prefixes = true;
    }
  }

  /** Checks what no single option can. */
  void checkTogether() {
    if (prefixes && positions == Positions.EVERY) {
      throw new IllegalArgumentException(
          "--prefixes and --positions every are two ways to the same: each item a target once;"
              + " give one of them");
    }
  }

  /** The schedule of the learning rate. */
  LearningRateSchedule learningRateSchedule() {
    boolean linear = rateSchedule == RateSchedule.LINEAR;
    return warmUp == null
        ? new LearningRateSchedule(schedule.warmUp(), schedule.shortened(), linear)
        : new LearningRateSchedule(warmUp, false, linear);
  }

  /** The validation metric by the name that says what is ranked. */
  String validationMetric() {
    return (maskSeen ? "unseen " : "") + metric;
  }

  /** How the learning rate goes on after its warm-up. */
  enum RateSchedule {
    /** It stays. */
    CONSTANT,
    /** It falls to 0 at the last step. */
    LINEAR
  }

  /** Finds out before training that checkpoints cannot be written. */
  void check() {
    OutputOptions.requireFolder("--checkpoint", checkpoint);
  }

  Evaluator evaluator() {
    return Evaluator.fullRanking().maskSeen(maskSeen);
  }

  /** Trains the model of a trainer; without validation examples, for all epochs. */
  TrainingReport train(Trainer.Builder trainer, DatasetSplit split) {
    trainer
        .learningRate(learningRate())
        .learningRateSchedule(learningRateSchedule())
        .positions(positions)
        .weightDecay(decay)
        .decoupledWeightDecay(backbone.isDiffusion())
        .lazyAdam(lazyAdam)
        .batchSize(batchSize)
        .epochs(epochs())
        .shuffle(!noShuffle)
        .earlyStopping(metric, patience)
        .evaluateEvery(evaluateEvery)
        .evaluator(evaluator());
    if (checkpoint != null) {
      trainer.checkpoint(checkpoint);
    }
    Examples train = prefixes ? split.train().withPrefixes() : split.train();
    return split.validation().isEmpty()
        ? trainer.fit(train)
        : trainer.fit(train, split.validation());
  }

  void describe(Map<String, Object> settings) {
    settings.put("lr", learningRate());
    settings.put("batch_size", batchSize);
    settings.put("epoch", epochs());
    settings.put("l2_decay", decay);
    settings.put("lazy_adam", lazyAdam);
    settings.put("evaluate_every", evaluateEvery);
    settings.put("patience", patience);
    settings.put("metric", metric.toString());
    settings.put("shuffle", !noShuffle);
    settings.put("prefixes", prefixes);
    settings.put("positions", positions.toString().toLowerCase(Locale.ROOT));
    settings.put("warm_up", learningRateSchedule().warmUp());
    settings.put("lr_schedule", rateSchedule.toString().toLowerCase(Locale.ROOT));
    settings.put("mask_seen", maskSeen);
    settings.put("checkpoint", checkpoint == null ? "" : checkpoint.toString());
  }
}
