package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.UndefinedScoreException;
import io.github.alphafuse.backbones.train.TrainingReport.Stop;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of training of any model: epochs of steps, evaluation, early stopping, the best weights,
 * checkpoints, and the end if a number is not finite. Not thread-safe.
 */
final class TrainingLoop {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);
  private static final ArchiveFormat CHECKPOINT = new ArchiveFormat("training-checkpoint", 1);

  /** The model and the data of a training. */
  interface Work {
    /** The live parameters by name. */
    ImmutableMap<String, Tensor> parameters();

    /** A fresh optimizer of the parameters. */
    Optimizer optimizer();

    /** The examples of an epoch. */
    int examples();

    /** Draws the random numbers of a whole epoch. */
    void startEpoch(SplittableRandom source);

    /** The targets of examples [from, to) of the epoch. */
    default long targets(int from, int to) {
      return (long) to - from;
    }

    /** The mean loss over the targets of examples [from, to) of the epoch, and its gradients. */
    double gradients(int from, int to, Gradients gradients);

    /** Whether there is validation data. */
    boolean validates();

    Evaluation evaluate();

    /**
     * All settings that must be the same to continue from a checkpoint as if training had not
     * stopped.
     */
    String settings();
  }

  private final Work work;
  private final TrainerBuilder<?> options;
  private final Optimizer optimizer;
  private final Gradients gradients;
  private final List<EpochReport> reports = new ArrayList<>();
  private final ImmutableMap<String, Tensor> best;
  private double bestValue = Double.NEGATIVE_INFINITY;
  private int bestEpoch;
  private int withoutGain;

  private TrainingLoop(Work work, TrainerBuilder<?> options) {
    this.work = work;
    this.options = options;
    this.optimizer = work.optimizer();
    this.gradients = optimizer.newGradients();
    this.best = NamedTensors.zerosLike(work.parameters());
    NamedTensors.copy(work.parameters(), best);
  }

  /** Trains. The parameters are the best ones afterwards, even if training fails. */
  static TrainingReport run(Work work, TrainerBuilder<?> options) {
    TrainingLoop loop = new TrainingLoop(work, options);
    try {
      return loop.run();
    } catch (RuntimeException | Error e) {
      loop.restoreBest();
      throw e;
    }
  }

  private int stepsPerEpoch() {
    return (work.examples() + options.batchSize - 1) / options.batchSize;
  }

  private TrainingReport run() {
    int steps = stepsPerEpoch();
    options.schedule.requireFit((long) steps * options.epochs);
    Path checkpoint = options.checkpoint;
    if (checkpoint != null && Files.exists(checkpoint)) {
      restore(checkpoint);
    }
    options.listener.started(options.epochs, steps);
    reports.forEach(options.listener::epochEnded);
    if (withoutGain >= options.patience) {
      return end(Stop.PATIENCE, "no gain in " + options.patience + " evaluations");
    }
    for (int epoch = reports.size() + 1; epoch <= options.epochs; epoch++) {
      long start = System.nanoTime();
      Total total;
      try {
        total = trainEpoch(epoch);
      } catch (DivergenceException e) {
        return end(Stop.DIVERGED, e.event);
      }
      if (Thread.currentThread().isInterrupted()) {
        return end(Stop.INTERRUPTED, "interrupted in epoch " + epoch);
      }
      Optional<Evaluation> evaluation;
      double evaluationSeconds;
      try {
        requireFinite(epoch);
        long evaluationStart = System.nanoTime();
        evaluation = evaluate(epoch);
        evaluationSeconds = evaluation.isPresent() ? secondsSince(evaluationStart) : 0;
      } catch (DivergenceException e) {
        return end(Stop.DIVERGED, e.event);
      } catch (UndefinedScoreException e) {
        return end(Stop.DIVERGED, "after epoch " + epoch + " " + e.getMessage());
      }
      boolean better =
          evaluation.map(e -> e.value(options.metric) > bestValue).orElse(!work.validates());
      if (better) {
        NamedTensors.copy(work.parameters(), best);
        bestEpoch = epoch;
        bestValue = evaluation.map(e -> e.value(options.metric)).orElse(bestValue);
        withoutGain = 0;
      } else if (evaluation.isPresent()) {
        withoutGain++;
      }
      EpochReport report =
          new EpochReport(
              epoch,
              total.loss() / total.targets(),
              total.targets(),
              secondsSince(start) - evaluationSeconds,
              evaluationSeconds,
              evaluation,
              better);
      reports.add(report);
      if (checkpoint != null) {
        save(checkpoint);
      }
      options.listener.epochEnded(report);
      if (withoutGain >= options.patience) {
        return end(Stop.PATIENCE, "no gain in " + options.patience + " evaluations");
      }
    }
    return end(Stop.EPOCHS, "all epochs made");
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Checks the weights of the last step, which no loss has used yet. */
  private void requireFinite(int epoch) {
    work.parameters()
        .forEach(
            (name, value) -> {
              if (value.firstNonFinite() >= 0) {
                throw new DivergenceException(name + " is no longer finite after epoch " + epoch);
              }
            });
  }

  private Optional<Evaluation> evaluate(int epoch) {
    return work.validates() && (epoch % options.evaluateEvery == 0 || epoch == options.epochs)
        ? Optional.of(work.evaluate())
        : Optional.empty();
  }

  /** The summed loss of an epoch and its number of targets. */
  private record Total(double loss, long targets) {}

  private Total trainEpoch(int epoch) {
    // Each epoch has sources of its own, so that none shifts another.
    work.startEpoch(new SplittableRandom(mix(mix(options.seed) + epoch)));
    double total = 0;
    long targets = 0;
    long before = (epoch - 1L) * stepsPerEpoch();
    long steps = (long) options.epochs * stepsPerEpoch();
    for (int from = 0, step = 1; from < work.examples(); from += options.batchSize, step++) {
      int to = Math.min(work.examples(), from + options.batchSize);
      double value = work.gradients(from, to, gradients);
      String place = "in epoch " + epoch + ", step " + step;
      if (!Double.isFinite(value)) {
        throw new DivergenceException("the loss became " + value + " " + place);
      }
      String broken = gradients.firstNonFinite();
      if (!broken.isEmpty()) {
        throw new DivergenceException(
            "the gradient of " + broken + " is no longer finite " + place);
      }
      optimizer.step(gradients, options.schedule.factor(before + step, steps));
      long count = work.targets(from, to);
      total += value * count;
      targets += count;
      options.listener.stepped(epoch, step, value);
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    return new Total(total, targets);
  }

  /** Scatters neighbouring numbers, so that neighbouring seeds and epochs share no stream. */
  private static long mix(long value) {
    long scattered = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
    scattered = (scattered ^ (scattered >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return scattered ^ (scattered >>> 33);
  }

  private void save(Path path) {
    try (ArchiveWriter archive = ArchiveWriter.create(path, CHECKPOINT)) {
      archive
          .setting("settings", work.settings())
          .setting("bestEpoch", bestEpoch)
          .setting("withoutGain", withoutGain)
          .setting("epochs", reports.size());
      NamedTensors.write(work.parameters(), archive.section("parameters"));
      NamedTensors.write(best, archive.section("best"));
      optimizer.write(archive.section("optimizer"));
      for (EpochReport report : reports) {
        ArchiveWriter section = archive.section("epoch-" + report.epoch());
        section
            .setting("loss", report.loss())
            .setting("targets", report.targets())
            .setting("trainingSeconds", report.trainingSeconds())
            .setting("evaluationSeconds", report.evaluationSeconds())
            .setting("best", report.best())
            .setting("evaluated", report.validation().isPresent());
        report
            .validation()
            .ifPresent(
                e -> {
                  section.integers("ranks", e.ranks());
                  section.integers("relevant", e.relevant());
                  section.integers("cutoffs", Ints.toArray(e.cutoffs()));
                  section.integers("negatives", new int[] {e.negatives()});
                  section.setting("unseen", e.isUnseen());
                });
      }
      archive.commit();
    }
  }

  private void restore(Path path) {
    try (ArchiveReader archive = ArchiveReader.open(path, CHECKPOINT)) {
      checkArgument(
          archive.stringSetting("settings").equals(work.settings()),
          "%s is a checkpoint of a run with other settings; expected %s, found %s",
          path,
          work.settings(),
          archive.stringSetting("settings"));
      archive.section("best").readInto(best);
      optimizer.restore(archive.section("optimizer"));
      archive.section("parameters").readInto(work.parameters());
      bestEpoch = archive.intSetting("bestEpoch");
      withoutGain = archive.intSetting("withoutGain");
      for (int epoch = 1; epoch <= archive.intSetting("epochs"); epoch++) {
        ArchiveReader section = archive.section("epoch-" + epoch);
        reports.add(
            new EpochReport(
                epoch,
                section.doubleSetting("loss"),
                section.hasSetting("targets") ? section.longSetting("targets") : work.examples(),
                section.doubleSetting("trainingSeconds"),
                section.doubleSetting("evaluationSeconds"),
                section.booleanSetting("evaluated")
                    ? Optional.of(evaluation(section))
                    : Optional.empty(),
                section.booleanSetting("best")));
      }
      if (bestEpoch > 0) {
        bestValue =
            reports
                .get(bestEpoch - 1)
                .validation()
                .map(e -> e.value(options.metric))
                .orElse(bestValue);
      }
    }
  }

  private static Evaluation evaluation(ArchiveReader section) {
    int[] ranks = section.integers("ranks");
    int[] cutoffs = section.integers("cutoffs");
    if (!section.hasArray("relevant")) {
      // Written by a version that knew only one relevant item and the ranking of all items.
      return Evaluation.of(ranks, cutoffs);
    }
    int[] relevant = section.integers("relevant");
    int[][] several = new int[relevant.length][];
    int at = 0;
    for (int i = 0; i < relevant.length; i++) {
      several[i] = Arrays.copyOfRange(ranks, at, at + relevant[i]);
      at += relevant[i];
    }
    Evaluation ranked =
        Evaluation.ofSeveral(several, cutoffs).amongSampled(section.integers("negatives")[0]);
    return section.hasSetting("unseen") && section.booleanSetting("unseen")
        ? ranked.amongUnseen()
        : ranked;
  }

  private void restoreBest() {
    NamedTensors.copy(best, work.parameters());
  }

  private TrainingReport end(Stop stop, String message) {
    restoreBest();
    if (stop == Stop.DIVERGED) {
      LOG.warn("training stopped: {}; the weights of epoch {} are kept", message, bestEpoch);
    }
    TrainingReport report =
        new TrainingReport(ImmutableList.copyOf(reports), bestEpoch, options.metric, stop, message);
    options.listener.ended(report);
    return report;
  }

  /** A loss, gradient or weight that is not finite. */
  private static final class DivergenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String event;

    DivergenceException(String event) {
      super(event, null, false, false);
      this.event = event;
    }
  }
}
