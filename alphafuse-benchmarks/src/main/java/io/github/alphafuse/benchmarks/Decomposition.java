package io.github.alphafuse.benchmarks;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Consumer;

/** The reading of language embeddings, and the null space found in them. */
final class Decomposition {
  private static final int BLOCK_ROWS = 2048;

  private Decomposition() {}

  /** Measures moments, decomposition and projection of all items. */
  static void measureFit(RunSettings settings, Consumer<Report> out) {
    LanguageEmbeddings text = BenchmarkData.embeddings(settings.requireData());
    NullSpaceProjector.Builder unfitted = new ModelRecipe(settings).projector();
    String solver = unfitted.fit(text).solver();
    StepTimer.Timing timing =
        settings
            .timer()
            .time(
                number -> {
                  Tensor projected = unfitted.fit(text).project(text, ElementType.FLOAT32);
                  return projected.get(projected.size() - 1);
                });
    out.accept(Report.of(settings.task()).putTimes(timing.times()).putProcess(settings, solver));
  }

  /** Measures opening the file and reading every row of it once. */
  static void measureLoad(RunSettings settings, Consumer<Report> out) {
    Path folder = settings.requireData();
    StepTimer.Timing timing = settings.timer().time(number -> readAll(folder));
    out.accept(Report.of(settings.task()).putTimes(timing.times()).putProcess(settings, null));
  }

  private static double readAll(Path folder) {
    LanguageEmbeddings text = BenchmarkData.embeddings(folder);
    DoubleAdder sum = new DoubleAdder();
    text.forEachBlock(
        BLOCK_ROWS,
        (first, block, count) -> {
          double total = 0;
          for (int i = 0; i < count * text.dim(); i++) {
            total += block[i];
          }
          sum.add(total);
        });
    return sum.sum();
  }
}
