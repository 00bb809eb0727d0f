package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.EpochReport;
import io.github.alphafuse.backbones.train.TrainingListener;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Prints the lines of epochs above a bar with loss and time left, on a terminal. */
final class BarProgress implements TrainingListener, AutoCloseable {
  private static final int WIDTH = 60;
  private static final String ERASED_LINE = "\r\u001B[K";

  private final PrintWriter out;
  private final Metric metric;
  private @Nullable ProgressBar bar;
  private int most;

  BarProgress(PrintWriter out, Metric metric) {
    this.out = out;
    this.metric = metric;
  }

  @Override
  public void started(int epochs, int stepsPerEpoch) {
    this.most = epochs;
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax((long) epochs * stepsPerEpoch)
            .setUnit(" epochs", stepsPerEpoch)
            .setStyle(ProgressBarStyle.ASCII)
            .setMaxRenderedLength(WIDTH)
            .build();
  }

  @Override
  public void stepped(int epoch, int step, double loss) {
    if (bar != null) {
      bar.step();
      bar.setExtraMessage(String.format(Locale.ROOT, " loss %.3f", loss));
    }
  }

  @Override
  public void epochEnded(EpochReport report) {
    above(LineProgress.line(report, metric, most));
  }

  @Override
  public void checkpointFailed(String message) {
    above(LineProgress.unsaved(message));
  }

  /** Prints a line in the place of the bar, which is drawn again below it. */
  private void above(String line) {
    out.println(ERASED_LINE + line);
    out.flush();
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
