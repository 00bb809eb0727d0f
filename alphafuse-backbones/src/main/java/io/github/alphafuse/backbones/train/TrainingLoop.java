package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.UndefinedScoreException;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.train.TrainingReport.Stop;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** The model and the data of a training. */
  interface Work {
    /** The model, whose parameters are trained. */
    RankingModel model();

    /** The live parameters by name. */
    default ImmutableMap<String, Tensor> parameters() {
      return model().parameters();
    }

    /** The items, whose rows may be computed from frozen numbers too, if there are some. */
    default Optional<ItemEmbedding> items() {
      return Optional.empty();
    }

    /** The data, for the provenance of the model and of checkpoints. */
    Provenance.Data data();

    /** The ranking of items for those of whom nothing is known. */
    Fallback fallback();

    /** The options of the trainer by name, for the provenance. */
    ImmutableMap<String, String> options();

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
     * The number of relevant items of each example or user that an evaluation ranks; empty if there
     * is no validation data.
     */
    ImmutableIntArray relevant();

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
  private Optional<Evaluation> bestValidation = Optional.empty();
  private int withoutGain;
  private String lostCheckpoint = "";

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
    Provenance.Data data = work.data();
    Checkpoint checkpoint =
        options.checkpoint == null ? null : checkpoint(options.checkpoint, data);
    if (checkpoint != null && Files.exists(checkpoint.path())) {
      restore(checkpoint);
    }
    options.listener.started(options.epochs, steps);
    reports.forEach(options.listener::epochEnded);
    if (withoutGain >= options.patience) {
      return end(data, Stop.PATIENCE, "no gain in " + options.patience + " evaluations");
    }
    for (int epoch = reports.size() + 1; epoch <= options.epochs; epoch++) {
      long start = System.nanoTime();
      Total total;
      try {
        total = trainEpoch(epoch);
      } catch (DivergenceException e) {
        return end(data, Stop.DIVERGED, e.event);
      }
      if (Thread.currentThread().isInterrupted()) {
        return end(data, Stop.INTERRUPTED, "interrupted in epoch " + epoch);
      }
      Optional<Evaluation> evaluation;
      double evaluationSeconds;
      try {
        requireFinite(epoch);
        long evaluationStart = System.nanoTime();
        evaluation = evaluate(epoch);
        evaluationSeconds = evaluation.isPresent() ? secondsSince(evaluationStart) : 0;
      } catch (DivergenceException e) {
        return end(data, Stop.DIVERGED, e.event);
      } catch (UndefinedScoreException e) {
        return end(data, Stop.DIVERGED, "after epoch " + epoch + " " + e.getMessage());
      }
      boolean better =
          evaluation.map(e -> e.value(options.metric) > bestValue).orElse(!work.validates());
      if (better) {
        NamedTensors.copy(work.parameters(), best);
        bestEpoch = epoch;
        bestValue = evaluation.map(e -> e.value(options.metric)).orElse(bestValue);
        bestValidation = evaluation;
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
              evaluation.map(e -> EpochReport.metrics(e, options.metric)).orElse(ImmutableMap.of()),
              better);
      reports.add(report);
      if (checkpoint != null) {
        save(checkpoint, data);
      }
      options.listener.epochEnded(report);
      if (withoutGain >= options.patience) {
        return end(data, Stop.PATIENCE, "no gain in " + options.patience + " evaluations");
      }
    }
    return end(data, Stop.EPOCHS, "all epochs made");
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

  private Checkpoint checkpoint(Path path, Provenance.Data data) {
    Path folder = path.toAbsolutePath().getParent();
    checkArgument(
        folder != null && Files.isDirectory(folder) && !Files.isDirectory(path),
        "checkpoint must name a file in an existing folder, found %s",
        path);
    ImmutableMap.Builder<String, Fingerprint> start = ImmutableMap.builder();
    work.parameters().forEach((name, value) -> start.put(name, Fingerprint.of(value)));
    work.items().ifPresent(items -> start.put("item_rows", Fingerprint.ofRows(items)));
    return new Checkpoint(
        path, work.settings(), provenance(data, "not started"), start.buildOrThrow());
  }

  private Checkpoint.State state() {
    return new Checkpoint.State(work.parameters(), best, optimizer);
  }

  /** A run of hours does not end because a disk is full. */
  private void save(Checkpoint checkpoint, Provenance.Data data) {
    try {
      checkpoint.save(
          state(),
          new Checkpoint.Progress(reports, bestEpoch, bestValidation, withoutGain),
          provenance(data, "not ended"));
      lostCheckpoint = "";
    } catch (UncheckedIOException | IllegalArgumentException e) {
      lostCheckpoint =
          "; the checkpoint of epoch " + reports.size() + " was not saved: " + e.getMessage();
      LOG.warn("training goes on without a checkpoint of epoch {}", reports.size(), e);
      options.listener.checkpointFailed(String.valueOf(e.getMessage()));
    }
  }

  private void restore(Checkpoint checkpoint) {
    Checkpoint.Progress progress =
        checkpoint.restore(state(), new Checkpoint.Validation(options.metric, work.relevant()));
    reports.addAll(progress.reports());
    bestEpoch = progress.bestEpoch();
    bestValidation = progress.bestValidation();
    withoutGain = progress.withoutGain();
    bestValue = bestValidation.map(e -> e.value(options.metric)).orElse(bestValue);
  }

  private Provenance provenance(Provenance.Data data, String stop) {
    return new Provenance(
        data,
        work.options(),
        new Provenance.Outcome(
            reports.size(),
            bestEpoch,
            stop,
            bestValidation
                .map(e -> EpochReport.metrics(e, options.metric))
                .orElse(ImmutableMap.of())),
        ImmutableMap.of(),
        Optional.empty());
  }

  private void restoreBest() {
    NamedTensors.copy(best, work.parameters());
  }

  private TrainingReport end(Provenance.Data data, Stop stop, String message) {
    restoreBest();
    work.model().provenance(provenance(data, stop.name()));
    work.model().fallback(work.fallback());
    if (stop == Stop.DIVERGED) {
      LOG.warn("training stopped: {}; the weights of epoch {} are kept", message, bestEpoch);
    }
    TrainingReport report =
        new TrainingReport(
            ImmutableList.copyOf(reports),
            bestEpoch,
            bestValidation,
            options.metric,
            stop,
            message + lostCheckpoint);
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
