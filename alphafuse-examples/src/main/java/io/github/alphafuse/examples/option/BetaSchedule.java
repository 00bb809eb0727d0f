package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import java.util.Locale;

/** The noise schedules by the names of the authors' scripts. */
enum BetaSchedule {
  LINEAR,
  EXP,
  COSINE,
  SQRT;

  /** The schedule of some steps; the ends are those of a linear one. */
  NoiseSchedule steps(int count, double start, double end) {
    return this == LINEAR
        ? NoiseSchedule.linear(count, start, end)
        : NoiseSchedule.named(toString(), count);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
