package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.DreamRecScorer;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.TopQuery;
import java.util.function.Consumer;

/**
 * The scoring of all items for batches of histories, and the selection of the best.
 *
 * @param scorer what scores
 * @param examples whose histories are scored
 */
record Prediction(ItemScorer scorer, Examples examples) {

  /** Measures SASRec on the data of a run. */
  static void sasRec(RunSettings settings, Consumer<Report> out) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    try (ItemScorer scorer = new ModelRecipe(settings).sasRec(data.embeddings()).scorer()) {
      out.accept(new Prediction(scorer, data.examples()).measure(settings));
    }
  }

  /** Measures DreamRec on the data of a run: generation, scores and selection. */
  static void dreamRec(RunSettings settings, Consumer<Report> out) {
    BenchmarkData data = BenchmarkData.open(settings.requireData());
    DreamRec model = new ModelRecipe(settings).dreamRec(data.embeddings());
    Report report;
    try (ItemScorer scorer = model.scorer()) {
      report = new Prediction(scorer, data.examples()).measure(settings);
    }
    out.accept(
        report
            .put("form", settings.form().toString())
            .putMillis("precomputeMs", precomputeMillis(model, data.examples())));
  }

  private Report measure(RunSettings settings) {
    int batchSize = settings.sizes().batchSize();
    BatchCycle batches = new BatchCycle(examples.size(), batchSize);
    TopQuery query = TopQuery.ofAll(Math.min(settings.sizes().top(), scorer.itemCount()));
    StepTimer.Timing timing =
        settings
            .timer()
            .time(
                number -> {
                  int[][] histories = new int[batchSize][];
                  int[] indices = batches.indices(number);
                  for (int b = 0; b < batchSize; b++) {
                    histories[b] = examples.history(indices[b]);
                  }
                  return scorer.top(histories, query)[0].rows()[0];
                });
    return Report.of(settings.task())
        .putTimes(timing.times())
        .putProcess(settings, settings.engine());
  }

  /** What building a collapsed scorer and its first call cost over a call of its own. */
  private static double precomputeMillis(DreamRec model, Examples examples) {
    DreamRec collapsing = model.withSampling(model.sampling().withForm(Sampling.Form.COLLAPSED));
    int[][] one = {examples.history(0)};
    long start = System.nanoTime();
    try (DreamRecScorer scorer = collapsing.scorer()) {
      scorer.generate(one);
      double first = StepTimer.millisSince(start);
      long again = System.nanoTime();
      scorer.generate(one);
      return first - StepTimer.millisSince(again);
    }
  }
}
