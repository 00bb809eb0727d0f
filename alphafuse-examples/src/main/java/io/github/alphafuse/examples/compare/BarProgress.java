package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.EpochReport;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Draws a bar with loss, validation metric and time left, on a terminal. */
final class BarProgress implements TrainingListener, AutoCloseable {
  private final Metric metric;
  private @Nullable ProgressBar bar;
  private String validation = "";

  BarProgress(Metric metric) {
    this.metric = metric;
  }

  @Override
  public void started(int epochs, int stepsPerEpoch) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax((long) epochs * stepsPerEpoch)
            .setUnit(" epochs", stepsPerEpoch)
            .setStyle(ProgressBarStyle.ASCII)
            .build();
  }

  @Override
  public void stepped(int epoch, int step, double loss) {
    if (bar != null) {
      bar.step();
      bar.setExtraMessage(String.format(Locale.ROOT, " loss %.3f%s", loss, validation));
    }
  }

  @Override
  public void epochEnded(EpochReport report) {
    report
        .value(metric)
        .ifPresent(
            value ->
                validation =
                    String.format(
                        Locale.ROOT,
                        ", %s %.4f, training %.1f s, evaluation %.1f s",
                        metric,
                        value,
                        report.trainingSeconds(),
                        report.evaluationSeconds()));
  }

  @Override
  public void checkpointFailed(String message) {
    validation = ", checkpoint not saved: " + message;
  }

  @Override
  public void ended(TrainingReport report) {
    close();
  }

  /** Leaves the bar as it is, even if training failed. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
