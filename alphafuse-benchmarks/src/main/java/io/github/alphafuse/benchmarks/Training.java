package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.dreamrec.DiffusionLoss;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.train.Adam;
import java.util.function.Consumer;

/**
 * The training of a model, step by step.
 *
 * @param model the model
 * @param loss what it is trained with
 * @param optimizer what moves its weights
 * @param examples what it is trained on
 */
record Training(SequenceModel model, Loss loss, Adam optimizer, Examples examples) {

  /** SASRec on the data of a run, under Adam at rate 1e-3 and decay 1e-6. */
  static Training sasRec(RunSettings settings, RankingLoss loss) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    return sasRec(new ModelRecipe(settings).sasRec(data.embeddings()), loss, data.examples());
  }

  static Training sasRec(SequenceModel model, RankingLoss loss, Examples examples) {
    Adam adam = Adam.builder(model.parameters()).learningRate(1e-3).weightDecay(1e-6).build();
    return new Training(model, loss, adam, examples);
  }

  /** DreamRec on the data of a run, under AdamW at rate 1e-5. */
  static Training dreamRec(RunSettings settings) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    SequenceModel model = new ModelRecipe(settings).dreamRec(data.embeddings());
    Adam adamW =
        Adam.builder(model.parameters()).learningRate(1e-5).decoupledWeightDecay(true).build();
    return new Training(model, DiffusionLoss.L2, adamW, data.examples());
  }

  void measure(RunSettings settings, Consumer<Report> out) {
    StepTimer.Timing timing = time(settings);
    out.accept(
        Report.of(settings.task())
            .putTimes(timing.times())
            .putProcess(settings, settings.engine())
            .put(
                "loss",
                Report.part().put("first", timing.firstValue()).put("last", timing.lastValue())));
  }

  StepTimer.Timing time(RunSettings settings) {
    BatchCycle batches = new BatchCycle(examples.size(), settings.sizes().batchSize());
    try (TrainingStep step = new TrainingStep(model, loss, optimizer)) {
      return settings.timer().time(number -> step.make(examples, batches.indices(number)));
    }
  }
}
