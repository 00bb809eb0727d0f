package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.primitives.ImmutableDoubleArray;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * The noise that each of T steps of a diffusion adds, and the coefficients that follow from it, in
 * float64.
 *
 * <p>Legend: T steps, t from 0 to T - 1; beta_t the variance added at step t, alpha_t = 1 - beta_t,
 * abar_t the product of alpha_0 to alpha_t. Immutable and thread-safe.
 *
 * <p>See: Ho et al., "Denoising Diffusion Probabilistic Models", NeurIPS 2020, section 2; Nichol
 * and Dhariwal, "Improved Denoising Diffusion Probabilistic Models", ICML 2021, section 3.2
 * (cosine); Yang et al., "Generate What You Prefer", NeurIPS 2023 (DreamRec).
 */
public final class NoiseSchedule {
  private static final double EXP_SMALLEST = 0.1;
  private static final double EXP_LARGEST = 10;
  private static final double COSINE_OFFSET = 0.008;
  private static final double SQRT_OFFSET = 1e-4;

  private final String name;
  private final ImmutableDoubleArray betas;
  private final ImmutableDoubleArray cumulative;

  private NoiseSchedule(String name, double[] betas) {
    double[] cumulative = new double[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      double beta = betas[t];
      checkArgument(
          beta > 0 && beta < 1,
          "beta of step %s of the %s schedule must lie in (0, 1), found %s",
          t,
          name,
          beta);
      product *= 1 - beta;
      cumulative[t] = product;
      checkArgument(
          product > 0,
          "the %s schedule of %s steps leaves no signal: the product of 1 - beta is 0 from step %s on",
          name,
          betas.length,
          t);
    }
    this.name = name;
    this.betas = ImmutableDoubleArray.copyOf(betas);
    this.cumulative = ImmutableDoubleArray.copyOf(cumulative);
  }

  /**
   * T evenly spaced betas between two ends, which are not rescaled with T.
   *
   * @param steps T, at least 1
   * @param betaStart the first beta, in (0, 1); 1e-4 as published
   * @param betaEnd the last beta, in [betaStart, 1); 0.02 as published
   * @return the schedule
   * @throws IllegalArgumentException if T is below 1, a beta is outside (0, 1), the end is below
   *     the start, or no signal is left
   */
  public static NoiseSchedule linear(int steps, double betaStart, double betaEnd) {
    requireSteps(steps);
    checkArgument(
        betaStart > 0 && betaStart < 1, "betaStart must lie in (0, 1), found %s", betaStart);
    checkArgument(betaEnd > 0 && betaEnd < 1, "betaEnd must lie in (0, 1), found %s", betaEnd);
    checkArgument(
        betaEnd >= betaStart,
        "betaEnd must be at least betaStart = %s, found %s",
        (Object) betaStart,
        betaEnd);
    double[] betas = new double[steps];
    for (int i = 0; i < steps; i++) {
      betas[i] = steps == 1 ? betaStart : betaStart + i * (betaEnd - betaStart) / (steps - 1);
    }
    return new NoiseSchedule("linear", betas);
  }

  /**
   * The linear schedule between the published ends, 1e-4 and 0.02.
   *
   * @param steps T, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if T is below 1 or no signal is left
   */
  public static NoiseSchedule linear(int steps) {
    return linear(steps, 1e-4, 0.02);
  }

  /**
   * beta_i = 1 - exp(-0.1 / T - x_i (10 - 0.1) / (2 T^2)), x being T evenly spaced points from 1 to
   * 2T + 1.
   *
   * @param steps T, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if T is below 1
   */
  public static NoiseSchedule exponential(int steps) {
    requireSteps(steps);
    double[] betas = new double[steps];
    double squared = (double) steps * steps;
    for (int i = 0; i < steps; i++) {
      double x = steps == 1 ? 1 : 1 + i * (2.0 * steps) / (steps - 1);
      betas[i] =
          -Math.expm1(-EXP_SMALLEST / steps - x * 0.5 * (EXP_LARGEST - EXP_SMALLEST) / squared);
    }
    return new NoiseSchedule("exp", betas);
  }

  /**
   * Betas from abar(u) = cos^2((u + 0.008) / 1.008 pi / 2), clipped to [1e-4, 0.9999].
   *
   * @param steps T, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if T is below 1 or no signal is left
   */
  public static NoiseSchedule cosine(int steps) {
    DoubleUnaryOperator root =
        u -> Math.cos((u + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
    double[] betas = ratios(steps, u -> root.applyAsDouble(u) * root.applyAsDouble(u));
    for (int i = 0; i < steps; i++) {
      betas[i] = Math.min(Math.max(betas[i], 1e-4), 0.9999);
    }
    return new NoiseSchedule("cosine", betas);
  }

  /**
   * Betas from abar(u) = 1 - sqrt(u + 1e-4), at most 0.999.
   *
   * @param steps T, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if T is below 1 or no signal is left
   */
  public static NoiseSchedule sqrt(int steps) {
    double[] betas = ratios(steps, u -> 1 - Math.sqrt(u + SQRT_OFFSET));
    for (int i = 0; i < steps; i++) {
      betas[i] = Math.min(betas[i], 0.999);
    }
    return new NoiseSchedule("sqrt", betas);
  }

  private static double[] ratios(int steps, DoubleUnaryOperator cumulative) {
    requireSteps(steps);
    double[] betas = new double[steps];
    for (int i = 0; i < steps; i++) {
      double from = cumulative.applyAsDouble((double) i / steps);
      double to = cumulative.applyAsDouble((i + 1.0) / steps);
      betas[i] = 1 - to / from;
    }
    return betas;
  }

  private static void requireSteps(int steps) {
    checkArgument(steps >= 1, "timesteps must be at least 1, found %s", steps);
  }

  /**
   * The name.
   *
   * @return linear, exp, cosine or sqrt
   */
  public String name() {
    return name;
  }

  /**
   * The number of steps.
   *
   * @return T
   */
  public int steps() {
    return betas.length();
  }

  /**
   * The variance added at a step.
   *
   * @param t the step, from 0 to T - 1
   * @return beta_t
   * @throws IndexOutOfBoundsException if there is no such step
   */
  public double beta(int t) {
    return betas.get(checkElementIndex(t, steps(), "step"));
  }

  /**
   * The share of signal variance that is left after a step.
   *
   * @param t the step, from 0 to T - 1, or -1 for before the first
   * @return abar_t; 1 for t = -1
   * @throws IndexOutOfBoundsException if there is no such step
   */
  public double cumulativeAlpha(int t) {
    return t == -1 ? 1 : cumulative.get(checkElementIndex(t, steps(), "step"));
  }

  /**
   * The factor of x_0 after a step.
   *
   * @param t the step, from 0 to T - 1
   * @return sqrt(abar_t)
   */
  public double signal(int t) {
    return Math.sqrt(cumulativeAlpha(t));
  }

  /**
   * The factor of unit noise after a step.
   *
   * @param t the step, from 0 to T - 1
   * @return sqrt(1 - abar_t)
   */
  public double noise(int t) {
    return Math.sqrt(1 - cumulativeAlpha(t));
  }

  /**
   * The weight of x_0 in the mean of x_{t-1} given x_t and x_0.
   *
   * @param t the step, from 0 to T - 1
   * @return beta_t sqrt(abar_{t-1}) / (1 - abar_t)
   */
  public double posteriorMeanOfSignal(int t) {
    return beta(t) * Math.sqrt(cumulativeAlpha(t - 1)) / (1 - cumulativeAlpha(t));
  }

  /**
   * The weight of x_t in the mean of x_{t-1} given x_t and x_0.
   *
   * @param t the step, from 0 to T - 1
   * @return sqrt(alpha_t) (1 - abar_{t-1}) / (1 - abar_t)
   */
  public double posteriorMeanOfNoised(int t) {
    return Math.sqrt(1 - beta(t)) * (1 - cumulativeAlpha(t - 1)) / (1 - cumulativeAlpha(t));
  }

  /**
   * The variance of x_{t-1} given x_t and x_0.
   *
   * @param t the step, from 0 to T - 1
   * @return beta_t (1 - abar_{t-1}) / (1 - abar_t)
   */
  public double posteriorVariance(int t) {
    return beta(t) * (1 - cumulativeAlpha(t - 1)) / (1 - cumulativeAlpha(t));
  }

  /**
   * Checks that deterministic sampling can make a number of steps at once.
   *
   * @param stride the number of steps; divides T
   * @throws IllegalArgumentException if the stride does not divide T; the message names the nearest
   *     that do
   */
  public void requireStride(int stride) {
    ddim(stride);
  }

  /** The coefficients of deterministic sampling over every stride-th step. */
  DdimSteps ddim(int stride) {
    return new DdimSteps(this, stride);
  }

  void write(ArchiveWriter archive) {
    archive.setting("name", name);
    archive.array("betas", Tensor.of(betas.toArray(), steps()));
  }

  static NoiseSchedule read(ArchiveReader archive) {
    return new NoiseSchedule(archive.stringSetting("name"), archive.doubles("betas", -1));
  }

  /**
   * A schedule by its name. A linear one has the published ends.
   *
   * @param name linear, exp, cosine or sqrt, in any case
   * @param steps T, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if there is none of that name or T is below 1
   */
  public static NoiseSchedule named(String name, int steps) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "linear" -> linear(steps);
      case "exp" -> exponential(steps);
      case "cosine" -> cosine(steps);
      case "sqrt" -> sqrt(steps);
      default ->
          throw new IllegalArgumentException(
              "noise schedule must be linear, exp, cosine or sqrt, found '" + name + "'");
    };
  }

  /**
   * A short description.
   *
   * @return name, number of steps, first and last beta
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "NoiseSchedule[%s, T=%d, beta %s to %s]",
        name,
        steps(),
        beta(0),
        beta(steps() - 1));
  }
}
