package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/** Quantiles of some numbers, interpolated linearly between the two nearest. Immutable. */
final class Quantiles {
  private final double[] sorted;

  private Quantiles(double[] sorted) {
    this.sorted = sorted;
  }

  static Quantiles of(double[] values) {
    checkArgument(values.length > 0, "quantiles need at least one number");
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quantiles(sorted);
  }

  /** The number below which a share of the numbers lies, a share in [0, 1]. */
  double at(double share) {
    checkArgument(share >= 0 && share <= 1, "share must lie in [0, 1], found %s", share);
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
