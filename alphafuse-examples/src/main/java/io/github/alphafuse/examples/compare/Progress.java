package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of training: as a bar on a terminal, otherwise as one line per epoch, or not
 * at all.
 *
 * @param out the writer to print to, or null to show nothing
 * @param warnings the writer of warnings where no progress is shown
 * @param metric the validation metric that is shown
 */
public record Progress(@Nullable PrintWriter out, PrintWriter warnings, Metric metric) {

  /**
   * Runs training and shows its progress.
   *
   * @param training runs training and reports its progress to a listener
   * @return the report of the training
   */
  public TrainingReport of(Function<TrainingListener, TrainingReport> training) {
    if (out == null) {
      return training.apply(
          new TrainingListener() {
            @Override
            public void checkpointFailed(String message) {
              warnings.println(LineProgress.unsaved(message));
              warnings.flush();
            }
          });
    }
    if (System.console() != null && System.getenv("CI") == null) {
      try (BarProgress bar = new BarProgress(out, metric)) {
        return training.apply(bar);
      }
    }
    return training.apply(new LineProgress(out, metric));
  }
}
