package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.data.DatasetSplit;
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

/** Options of training that only sequence models have. */
@Heading("Training")
final class SequenceTrainingOptions {
  @Option(
      names = {"--l2_decay", "--l2-decay"},
      paramLabel = "X",
      converter = Numbers.NotNegative.class,
      description =
          "Weight decay, as L2 regularisation; decoupled (AdamW) for a diffusion (default:"
              + " ${DEFAULT-VALUE}).")
  double decay;

  @Option(
      names = {"--lazy_adam", "--lazy-adam"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Update only the item rows that have a gradient in a step. This is faster for very"
              + " large catalogues, but gives other weights than the published dense updates"
              + " (default: ${DEFAULT-VALUE}).")
  boolean lazyAdam;

  @Option(
      names = {"--no_shuffle", "--no-shuffle"},
      description = "Train on examples in the order of the files, as the authors' scripts do.")
  boolean noShuffle;

  @Option(
      names = "--positions",
      paramLabel = "NAME",
      description =
          "Positions of a history that have targets: last, or every (default: every with"
              + " recommended settings, otherwise last).")
  Positions positions = Positions.LAST;

  @Option(
      names = {"--warm_up", "--warm-up"},
      paramLabel = "STEPS",
      converter = Numbers.CountOrZero.class,
      description =
          "Number of steps in which the learning rate rises from 0 (default: 100, but at most"
              + " a tenth of the run, with recommended settings, otherwise 0).")
  @Nullable Integer warmUp;

  @Option(
      names = {"--lr_schedule", "--lr-schedule"},
      paramLabel = "NAME",
      description =
          "Learning rate after the warm-up: constant, or linear, which falls to 0 at the last"
              + " step (default: linear with recommended settings, otherwise constant).")
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
          "Choose the best epoch by a ranking without the items of a history; the test"
              + " reports both rankings (default: true with recommended settings, otherwise"
              + " ${DEFAULT-VALUE}).")
  boolean maskSeen;

  private final boolean isDecoupled;

  SequenceTrainingOptions(Backbone backbone) {
    this.decay = backbone.isDiffusion() ? 0 : 1e-6;
    this.isDecoupled = backbone.isDiffusion();
  }

  /** Applies the settings of a preset to options that are not given. */
  void set(SasRecPreset preset, Predicate<String> isGiven) {
    // A model that cannot be trained at every position uses prefixes instead.
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

  /** Replaces targets at every position by prefixes, for a model that cannot be trained there. */
  void takePrefixes() {
    if (positions == Positions.EVERY) {
      positions = Positions.LAST;
      prefixes = true;
    }
  }

  /** Checks the combination of options. */
  void checkTogether() {
    if (prefixes && positions == Positions.EVERY) {
      throw new IllegalArgumentException(
          "--prefixes and --positions every both use each item as a target once; give only"
              + " one of them");
    }
  }

  /** Returns the schedule of the learning rate. */
  LearningRateSchedule learningRateSchedule() {
    boolean linear = rateSchedule == RateSchedule.LINEAR;
    return warmUp == null
        ? new LearningRateSchedule(schedule.warmUp(), schedule.shortened(), linear)
        : new LearningRateSchedule(warmUp, false, linear);
  }

  /** The course of the learning rate after its warm-up. */
  enum RateSchedule {
    /** It stays the same. */
    CONSTANT,
    /** It falls to 0 at the last step. */
    LINEAR
  }

  /** Returns the ranking that the best epoch is chosen by. */
  Evaluator evaluator() {
    return Evaluator.fullRanking().maskSeen(maskSeen);
  }

  /** Trains the model of a trainer. Without validation examples, training runs for all epochs. */
  TrainingReport train(Trainer.Builder<?> trainer, DatasetSplit split) {
    trainer
        .learningRateSchedule(learningRateSchedule())
        .positions(positions)
        .weightDecay(decay)
        .decoupledWeightDecay(isDecoupled)
        .lazyAdam(lazyAdam)
        .shuffle(!noShuffle)
        .evaluator(evaluator());
    return trainer.fit(prefixes ? split.withPrefixes() : split);
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
