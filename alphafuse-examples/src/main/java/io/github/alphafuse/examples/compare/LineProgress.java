package io.github.alphafuse.examples.compare;

import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.train.EpochReport;
import io.github.alphafuse.backbones.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/** Prints one line per epoch, for logs. */
final class LineProgress implements TrainingListener {
  private final PrintWriter out;
  private final Metric metric;
  private int epochs;

  LineProgress(PrintWriter out, Metric metric) {
    this.out = out;
    this.metric = metric;
  }

  @Override
  public void started(int most, int stepsPerEpoch) {
    this.epochs = most;
  }

  @Override
  public void checkpointFailed(String message) {
    out.println(unsaved(message));
    out.flush();
  }

  @Override
  public void epochEnded(EpochReport report) {
    out.println(line(report, metric, epochs));
    out.flush();
  }

  /** The warning about a checkpoint that could not be written. */
  static String unsaved(String message) {
    return "warning: the checkpoint was not saved, training goes on: " + message;
  }

  /** The line of an epoch of some. */
  static String line(EpochReport report, Metric metric, int epochs) {
    OptionalDouble value = report.value(metric);
    String validation =
        value.isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                ", evaluation %.1f s  validation %s %.4f%s",
                report.evaluationSeconds(),
                metric,
                value.getAsDouble(),
                report.best() ? " *" : "");
    return String.format(
        Locale.ROOT,
        "epoch %3d/%d  loss %.4f  training %.1f s%s",
        report.epoch(),
        epochs,
        report.loss(),
        report.trainingSeconds(),
        validation);
  }
}
