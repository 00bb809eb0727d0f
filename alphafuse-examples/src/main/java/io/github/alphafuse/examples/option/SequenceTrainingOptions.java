package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.preset.SasRecPreset;
import io.github.alphafuse.backbones.train.LearningRateSchedule;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model of sequences is trained beyond what all models are. */
final class SequenceTrainingOptions {
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

  private final boolean isDecoupled;

  SequenceTrainingOptions(Backbone backbone) {
    this.decay = backbone.isDiffusion() ? 0 : 1e-6;
    this.isDecoupled = backbone.isDiffusion();
  }

  /** Takes the settings of a preset for what is not given. */
  void set(SasRecPreset preset, Predicate<String> isGiven) {
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

  /** How the learning rate goes on after its warm-up. */
  enum RateSchedule {
    /** It stays. */
    CONSTANT,
    /** It falls to 0 at the last step. */
    LINEAR
  }

  /** The ranking that the best epoch is chosen by. */
  Evaluator evaluator() {
    return Evaluator.fullRanking().maskSeen(maskSeen);
  }

  /** Trains the model of a trainer; without validation examples, for all epochs. */
  TrainingReport train(Trainer.Builder<?> trainer, DatasetSplit split) {
    trainer
        .learningRateSchedule(learningRateSchedule())
        .positions(positions)
        .weightDecay(decay)
        .decoupledWeightDecay(isDecoupled)
        .lazyAdam(lazyAdam)
        .shuffle(!noShuffle)
        .evaluator(evaluator());
    Examples train = prefixes ? split.train().withPrefixes() : split.train();
    return split.validation().isEmpty()
        ? trainer.fit(train)
        : trainer.fit(train, split.validation());
  }

  void describe(Map<String, Object> settings) {
    settings.put("l2_decay", decay);
    settings.put("lazy_adam", lazyAdam);
    settings.put("shuffle", !noShuffle);
    settings.put("prefixes", prefixes);
    settings.put("positions", positions.toString().toLowerCase(Locale.ROOT));
    settings.put("warm_up", learningRateSchedule().warmUp());
    settings.put("lr_schedule", rateSchedule.toString().toLowerCase(Locale.ROOT));
    settings.put("mask_seen", maskSeen);
  }
}
