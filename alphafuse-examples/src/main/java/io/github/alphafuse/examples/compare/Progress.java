package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How training is shown: by a bar on a terminal, a line an epoch elsewhere, or not at all.
 *
 * @param out where to; null for not at all
 * @param metric the validation metric that is shown
 */
public record Progress(@Nullable PrintWriter out, Metric metric) {

  /**
   * Shows training.
   *
   * @param training trains, and tells a listener of it
   * @return what became of it
   */
  public TrainingReport of(Function<TrainingListener, TrainingReport> training) {
    if (out == null) {
      return training.apply(TrainingListener.NONE);
    }
    if (System.console() != null && System.getenv("CI") == null) {
      try (BarProgress bar = new BarProgress(metric)) {
        return training.apply(bar);
      }
    }
    return training.apply(new LineProgress(out, metric));
  }
}
