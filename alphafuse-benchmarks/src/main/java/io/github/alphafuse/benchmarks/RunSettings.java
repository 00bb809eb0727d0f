package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.model.Engine;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a task is measured.
 *
 * @param task what is measured
 * @param data the folder of the data, where it was given
 * @param steps how many steps are timed
 * @param threads the threads that the process was given
 * @param engine what computes a model
 * @param lazyAdam whether Adam updates only the item rows that a step touches
 * @param form how DreamRec samples
 * @param warmUpSeconds how long untimed steps are made after the first
 * @param sizes sizes of models and batches
 */
record RunSettings(
    Task task,
    @Nullable Path data,
    int steps,
    int threads,
    Engine engine,
    boolean lazyAdam,
    Sampling.Form form,
    double warmUpSeconds,
    Sizes sizes) {

  /** The data folder; an error that names the option where there is none. */
  Path requireData() {
    checkArgument(data != null, "--data is missing: task %s needs its folder", task);
    return data;
  }

  StepTimer timer() {
    return new StepTimer(warmUpSeconds, steps);
  }
}
