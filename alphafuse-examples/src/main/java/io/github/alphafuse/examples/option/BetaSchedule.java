package io.github.alphafuse.examples.option;

import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import java.util.Locale;

/** The noise schedules, named as in the authors' scripts. */
enum BetaSchedule {
  LINEAR,
  EXP,
  COSINE,
  SQRT;

  /** Returns a schedule; {@code start} and {@code end} apply to a linear one only. */
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
