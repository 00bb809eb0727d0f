package io.github.alphafuse.backbones.dreamrec;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

/**
 * The steps of deterministic sampling (DDIM with eta 0) over every stride-th time of a schedule.
 *
 * <p>Step n, counted down from T / stride to 0, predicts x_0 at time n stride and moves on:
 *
 * <pre>x = c1_n x0_hat + c2_n x</pre>
 *
 * <p>With a = abar at step n and P = abar at the step before (1 at n = 0), c2 = sqrt((1 - P) / (1 -
 * a)) and c1 = sqrt(P) - c2 sqrt(a), so that step 0 returns x0_hat itself. abar is read at 0,
 * stride - 1, 2 stride - 1 and so on. Immutable and thread-safe.
 *
 * <p>See: Song et al., "Denoising Diffusion Implicit Models", ICLR 2021, equation 12.
 */
final class DdimSteps {
  private final int stride;
  private final double[] predicted;
  private final double[] current;

  DdimSteps(NoiseSchedule schedule, int stride) {
    int total = schedule.steps();
    if (stride < 1 || stride > total || total % stride != 0) {
      throw new IllegalArgumentException(
          "stride must divide the schedule's "
              + total
              + " steps, found "
              + stride
              + "; the nearest that do are "
              + nearest(total, stride));
    }
    this.stride = stride;
    this.predicted = new double[total / stride + 1];
    this.current = new double[predicted.length];
    for (int n = 0; n < predicted.length; n++) {
      double a = schedule.cumulativeAlpha(index(n));
      double before = n == 0 ? 1 : schedule.cumulativeAlpha(index(n - 1));
      current[n] = Math.sqrt((1 - before) / (1 - a));
      predicted[n] = Math.sqrt(before) - current[n] * Math.sqrt(a);
    }
  }

  private int index(int n) {
    return n == 0 ? 0 : n * stride - 1;
  }

  private static String nearest(int total, int stride) {
    int below = Math.max(1, Math.min(stride, total));
    while (total % below != 0) {
      below--;
    }
    int above = Math.max(1, Math.min(stride, total));
    while (total % above != 0) {
      above++;
    }
    return below == above ? String.valueOf(below) : below + " and " + above;
  }

  /**
   * The number of steps.
   *
   * @return T / stride + 1
   */
  public int count() {
    return predicted.length;
  }

  /**
   * The time at which a step predicts.
   *
   * @param n the step, from 0 to T / stride
   * @return n stride; T at the first step of sampling
   * @throws IndexOutOfBoundsException if there is no such step
   */
  public int time(int n) {
    return checkElementIndex(n, predicted.length, "step") * stride;
  }

  /**
   * The weight of the predicted x_0 in a step.
   *
   * @param n the step, from 0 to T / stride
   * @return c1_n
   * @throws IndexOutOfBoundsException if there is no such step
   */
  public double ofPredicted(int n) {
    return predicted[checkElementIndex(n, predicted.length, "step")];
  }

  /**
   * The weight of the current x in a step.
   *
   * @param n the step, from 0 to T / stride
   * @return c2_n
   * @throws IndexOutOfBoundsException if there is no such step
   */
  public double ofCurrent(int n) {
    checkArgument(n >= 0, "step must be at least 0, found %s", n);
    return current[checkElementIndex(n, current.length, "step")];
  }
}
