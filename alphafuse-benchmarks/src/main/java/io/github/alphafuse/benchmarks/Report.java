package io.github.alphafuse.benchmarks;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One result as a line of JSON, its fields in the order in which they were put. Not thread-safe.
 */
final class Report {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  static Report of(Task task) {
    return new Report().put("task", task.toString());
  }

  /** A part of a report, an object of its own. */
  static Report part() {
    return new Report();
  }

  @CanIgnoreReturnValue
  Report put(String name, @Nullable Object value) {
    fields.put(name, value instanceof Report part ? part.fields : value);
    return this;
  }

  /** Milliseconds to the microsecond: more digits than a clock tells would only be noise. */
  @CanIgnoreReturnValue
  Report putMillis(String name, double milliseconds) {
    return put(name, Math.rint(milliseconds * 1000) / 1000);
  }

  /** The distribution of step times. */
  @CanIgnoreReturnValue
  Report putTimes(Quantiles milliseconds) {
    return putMillis("medianMs", milliseconds.at(0.5))
        .putMillis("p10Ms", milliseconds.at(0.1))
        .putMillis("p90Ms", milliseconds.at(0.9));
  }

  /** What the process held after its first hundred steps and after its last. */
  @CanIgnoreReturnValue
  Report putMemory(StepTimer.Timing timing) {
    return put(
        "rssMb",
        part().put("step100", timing.earlyMegabytes()).put("last", timing.lastMegabytes()));
  }

  /** Peak memory so far, the threads and the engine. */
  @CanIgnoreReturnValue
  Report putProcess(RunSettings settings, @Nullable Object engine) {
    return put("peakRssMb", ProcessMemory.peakMegabytes().orElse(null))
        .put("threads", settings.threads())
        .put("engine", engine == null ? null : engine.toString());
  }

  String toJson() {
    return GSON.toJson(fields);
  }
}
