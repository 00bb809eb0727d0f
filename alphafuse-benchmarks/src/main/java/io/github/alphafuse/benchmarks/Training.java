package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.train.Adam;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The training of a model, step by step.
 *
 * @param model the model
 * @param loss what it is trained with
 * @param optimizer what moves its weights
 * @param examples what it is trained on
 * @param batches how examples are taken
 * @param <L> the kind of loss
 */
record Training<L extends Loss>(
    SequenceModel<L> model, L loss, Adam optimizer, Examples examples, Batches batches) {

  /**
   * How examples are taken.
   *
   * @param positions where histories have targets
   * @param size the examples of a step
   */
  record Batches(Positions positions, int size) {
    /** Examples with their last item as the target, as many as the settings say. */
    static Batches ofLast(RunSettings settings) {
      return new Batches(Positions.LAST, settings.sizes().batchSize());
    }
  }

  /** SASRec on the data of a run, under Adam at rate 1e-3 and decay 1e-6. */
  static Training<RankingLoss> sasRec(RunSettings settings, RankingLoss loss) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    SasRec model = new ModelRecipe(settings).sasRec(data.embeddings());
    return new Training<>(
        model, loss, adam(settings, model), data.examples(), Batches.ofLast(settings));
  }

  /** Adam at rate 1e-3 and decay 1e-6, lazy over the item tables where the run asks for it. */
  static Adam adam(RunSettings settings, SequenceModel<?> model) {
    return Adam.builder(model.parameters())
        .learningRate(1e-3)
        .weightDecay(1e-6)
        .lazyTables(settings.lazyAdam() ? model.items().parameters().keySet() : Set.of())
        .build();
  }

  /** DreamRec on the data of a run, under AdamW at rate 1e-5. */
  static Training<DiffusionLoss> dreamRec(RunSettings settings) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    DreamRec model = new ModelRecipe(settings).dreamRec(data.embeddings());
    Adam adamW =
        Adam.builder(model.parameters()).learningRate(1e-5).decoupledWeightDecay(true).build();
    return new Training<>(
        model, DiffusionLoss.L2, adamW, data.examples(), Batches.ofLast(settings));
  }

  void measure(RunSettings settings, Consumer<Report> out) {
    StepTimer.Timing timing = time(settings);
    out.accept(
        Report.of(settings.task())
            .putTimes(timing.times())
            .putProcess(settings, settings.engine())
            .putMemory(timing)
            .put(
                "loss",
                Report.part().put("first", timing.firstValue()).put("last", timing.lastValue())));
  }

  StepTimer.Timing time(RunSettings settings) {
    BatchCycle cycle = new BatchCycle(examples.size(), batches.size());
    try (TrainingStep step = new TrainingStep(this)) {
      return settings.timer().time(number -> step.make(examples, cycle.indices(number)));
    }
  }
}
