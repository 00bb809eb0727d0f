package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.preset.Presets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What can be measured. */
enum Task {
  SASREC_INFONCE(
      200,
      (s, out) -> Training.sasRec(s, InfoNce.withNegatives(s.sizes().negatives())).measure(s, out)),
  SASREC_BCE(
      200,
      (s, out) ->
          Training.sasRec(s, BinaryCrossEntropy.withNegatives(s.sizes().negatives()))
              .measure(s, out)),
  SASREC_CE(60, (s, out) -> Training.sasRec(s, FullSoftmax.ofInnerProducts()).measure(s, out)),
  SASREC_BATCH_NEGATIVES(
      100, (s, out) -> PositionsTraining.of(s, Presets.recommended().loss()).measure(s, out)),
  SASREC_EVERY_CE(
      20, (s, out) -> PositionsTraining.of(s, FullSoftmax.ofCosines(0.1)).measure(s, out)),
  SASREC_PREDICT(100, Prediction::sasRec),
  DREAMREC_STEP(20, (s, out) -> Training.dreamRec(s).measure(s, out)),
  DREAMREC_PREDICT(20, Prediction::dreamRec),
  NULL_SPACE(5, Decomposition::measureFit),
  LOAD(5, Decomposition::measureLoad),
  SERVING(20_000, ServingLatency::measure),
  LIVE_SERVING(300, LiveServing::measure),
  GROWTH(20, Growth::measure);

  private final int defaultSteps;
  private final Measurement measurement;

  Task(int defaultSteps, Measurement measurement) {
    this.defaultSteps = defaultSteps;
    this.measurement = measurement;
  }

  /** Measures and hands over the results. */
  private interface Measurement {
    void measure(RunSettings settings, Consumer<Report> out);
  }

  int defaultSteps() {
    return defaultSteps;
  }

  void measure(RunSettings settings, Consumer<Report> out) {
    measurement.measure(settings, out);
  }

  /** All names, separated by commas. */
  static String names() {
    return Arrays.stream(values()).map(Task::toString).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads a task by its name. */
  static final class Converter implements ITypeConverter<Task> {
    @Override
    public Task convert(String name) {
      return Arrays.stream(values())
          .filter(task -> task.toString().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected one of " + names() + ", found '" + name + "'"));
    }
  }

  /** Lists the names for the help. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(values()).map(Task::toString).iterator();
    }
  }
}
