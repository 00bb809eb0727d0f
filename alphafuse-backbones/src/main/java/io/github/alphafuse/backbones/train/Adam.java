package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.math.IntMath;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Adam on every number of every parameter at each step, or only on the touched rows of some tables.
 * L2 regularisation is added to the gradient (Adam), or the decay is separate (AdamW).
 *
 * <pre>
 * g = gradient + decay p                   (AdamW: g = gradient, and first p = p - rate decay p)
 * m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g^2
 * p = p - rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * <p>Tables are dense: rows that a batch did not touch also move, by decay and by their momentum.
 * Only {@linkplain Builder#lazyTables lazy tables} differ: a row whose gradient is zero does not
 * change, nor do its moments. This saves time for very large catalogues and gives other weights.
 *
 * <p>Adam keeps two moments per trained number, so training needs three times the memory of the
 * parameters, in addition to their gradients. Writing the moments of a float32 lazy table needs a
 * copy of one of them. Not thread-safe.
 *
 * <p>See: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015; Loshchilov and
 * Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
 */
public final class Adam implements Optimizer {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 16;

  /** The most numbers of a lazy table that are updated at once, unless a row has more. */
  private static final int AT_ONCE = 1 << 12;

  /** The most rows of a lazy table that are updated at once. */
  private static final int ROWS_AT_ONCE = 64;

  /** More steps than any run makes, from which counting on does not overflow. */
  private static final long MOST_STEPS = Long.MAX_VALUE / 2;

  private final ImmutableMap<String, Tensor> parameters;
  private final ImmutableMap<String, Moments> moments;
  private final double learningRate;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final boolean decoupled;
  private final ImmutableSet<String> lazyTables;
  private long steps;
  private double stepRate;

  private Adam(Builder options) {
    this.parameters = options.parameters;
    ImmutableMap.Builder<String, Moments> zeros = ImmutableMap.builder();
    parameters.forEach(
        (name, value) ->
            zeros.put(
                name,
                options.lazyTables.contains(name) && value.elementType() == ElementType.FLOAT32
                    ? new RowMoments(value.shape(0), value.shape(1))
                    : Moments.Whole.zerosLike(value)));
    this.moments = zeros.buildOrThrow();
    this.learningRate = options.learningRate;
    this.beta1 = options.beta1;
    this.beta2 = options.beta2;
    this.epsilon = options.epsilon;
    this.weightDecay = options.weightDecay;
    this.decoupled = options.decoupled;
    this.lazyTables = options.lazyTables;
  }

  /**
   * A builder with the usual defaults.
   *
   * @param parameters the parameters by name, changed by every step
   * @return the builder
   */
  public static Builder builder(Map<String, Tensor> parameters) {
    return new Builder(ImmutableMap.copyOf(parameters));
  }

  @Override
  public void step(Gradients gradients, double share) {
    steps++;
    stepRate = learningRate * share;
    double rate = stepRate / (1 - Math.pow(beta1, steps));
    double correction = Math.sqrt(1 - Math.pow(beta2, steps));
    moments.forEach(
        (name, kept) -> {
          if (kept instanceof RowMoments ofRows) {
            stepRows(
                rows(name, gradients),
                ofRows,
                scratch -> floats(scratch, (float) rate, (float) (1 / correction)));
            gradients.cleared(name);
            return;
          }
          Tensor parameter = requireNonNull(parameters.get(name));
          Tensor gradient = gradients.read(name);
          Tensor m = kept.first();
          Tensor v = kept.second();
          Workers.Part part =
              parameter.elementType() == ElementType.FLOAT32
                  ? floats(
                      new float[][] {parameter.floats(), gradient.floats(), m.floats(), v.floats()},
                      (float) rate,
                      (float) (1 / correction))
                  : doubles(
                      new double[][] {
                        parameter.doubles(), gradient.doubles(), m.doubles(), v.doubles()
                      },
                      rate,
                      1 / correction);
          if (lazyTables.contains(name)) {
            stepRows(gradient, touchedRows(name, gradients), part);
          } else {
            Workers.balance(parameter.size(), LEAST, part);
          }
        });
  }

  @Override
  public Gradients newGradients() {
    return Gradients.of(parameters, lazyTables);
  }

  private int[] touchedRows(String name, Gradients gradients) {
    return gradients
        .touchedRows(name)
        .orElseGet(() -> IntStream.range(0, gradients.read(name).shape(0)).toArray());
  }

  /** Some rows of a float32 table [H, w], whose gradients may be kept one after another. */
  private record Rows(
      float[] table, int width, int[] rows, float[] gradients, boolean gradientsAlone) {
    /** Copies the gradients of a few of the rows, from an index on, and sets them to zero. */
    void takeGradients(int first, int count, float[] target) {
      if (gradientsAlone) {
        take(first * width, count * width, target, 0);
      } else {
        // Overwritten at once.
        target[0] = FloatVectors.touch(gradients, 0, rows, first, first + count, width);
        for (int i = 0; i < count; i++) {
          take(rows[first + i] * width, width, target, i * width);
        }
      }
    }

    private void take(int from, int length, float[] target, int at) {
      System.arraycopy(gradients, from, target, at, length);
      Arrays.fill(gradients, from, from + length, 0);
    }
  }

  private Rows rows(String name, Gradients gradients) {
    Tensor table = requireNonNull(parameters.get(name));
    // Checked before the gradient of the whole table is read, which may not exist.
    Optional<Tensor> few = gradients.touchedGradients(name);
    Tensor gradient = few.orElseGet(() -> gradients.read(name));
    return new Rows(
        table.floats(),
        table.shape(1),
        touchedRows(name, gradients),
        gradient.floats(),
        few.isPresent());
  }

  /**
   * Updates rows that lie far apart, a few at a time next to each other, so that the waits for
   * their memory overlap and the loop over them is long enough for SIMD code. A touched row may
   * still have a gradient of zero and is then skipped. The gradient is set to zero while it is in
   * the cache.
   *
   * <p>Each thread begins with a share of its own, whose gradients it mostly wrote itself, so that
   * its cache still holds them.
   */
  private static void stepRows(
      Rows of, RowMoments moments, Function<float[][], Workers.Part> update) {
    int[] rows = of.rows();
    int width = of.width();
    if (width == 0) {
      return;
    }
    int atOnce = Math.max(1, Math.min(ROWS_AT_ONCE, AT_ONCE / width));
    int threads = Math.max(1, Math.min(Workers.count(), rows.length / (LEAST / width + 1)));
    TaskShares blocks =
        new TaskShares(IntMath.divide(rows.length, atOnce, RoundingMode.CEILING), threads);
    Workers.run(
        threads,
        share -> {
          float[][] scratch = new float[4][atOnce * width]; // p, its gradient, m, v
          float[][] mv = {scratch[2], scratch[3]};
          boolean[] moves = new boolean[atOnce];
          Workers.Part step = update.apply(scratch);
          int block;
          while ((block = blocks.take(share)) != TaskShares.NONE) {
            int first = block * atOnce;
            int count = Math.min(atOnce, rows.length - first);
            // Overwritten at once.
            scratch[0][0] = FloatVectors.touch(of.table(), 0, rows, first, first + count, width);
            scratch[2][0] = moments.touch(rows, first, first + count);
            of.takeGradients(first, count, scratch[1]);
            for (int i = 0; i < count; i++) {
              int row = rows[first + i];
              System.arraycopy(of.table(), row * width, scratch[0], i * width, width);
              moments.load(row, mv, i * width);
              moves[i] = !isZero(scratch[1], i * width, (i + 1) * width);
            }
            step.run(0, count * width);
            for (int i = 0; i < count; i++) {
              if (moves[i]) {
                int row = rows[first + i];
                System.arraycopy(scratch[0], i * width, of.table(), row * width, width);
                moments.store(row, mv, i * width);
              }
            }
          }
        });
  }

  private static boolean isZero(float[] numbers, int from, int to) {
    int i = from;
    while (i < to && numbers[i] == 0) {
      i++;
    }
    return i == to;
  }

  private static void stepRows(Tensor gradient, int[] rows, Workers.Part part) {
    int width = gradient.shape(1);
    double[] g = gradient.doubles();
    for (int row : rows) {
      int i = row * width;
      while (i < (row + 1) * width && g[i] == 0) {
        i++;
      }
      if (i < (row + 1) * width) {
        part.run(row * width, (row + 1) * width);
      }
    }
  }

  @Override
  public void write(ArchiveWriter archive) {
    archive.setting("steps", steps);
    ArchiveWriter first = archive.section("first_moments");
    ArchiveWriter second = archive.section("second_moments");
    moments.forEach((name, kept) -> first.array(name, kept.first()));
    moments.forEach((name, kept) -> second.array(name, kept.second()));
  }

  @Override
  public void restore(ArchiveReader archive) {
    long saved = archive.longSetting("steps");
    checkArgument(
        saved >= 0 && saved <= MOST_STEPS,
        "steps must be from 0 to %s, found %s",
        MOST_STEPS,
        saved);
    ArchiveReader first = archive.section("first_moments");
    ArchiveReader second = archive.section("second_moments");
    moments.forEach((name, kept) -> kept.setFirst(stored(first, name)));
    moments.forEach((name, kept) -> kept.setSecond(squares(second, name)));
    steps = saved;
  }

  private Tensor stored(ArchiveReader archive, String name) {
    return archive.array(name, requireNonNull(parameters.get(name)));
  }

  /** Means of squares, whose roots are taken. */
  private Tensor squares(ArchiveReader archive, String name) {
    Tensor stored = stored(archive, name);
    for (int i = 0; i < stored.size(); i++) {
      checkArgument(
          stored.get(i) >= 0,
          "second moments of %s must be 0 or more, found %s at place %s",
          name,
          stored.get(i),
          i);
    }
    return stored;
  }

  private Workers.Part floats(float[][] arrays, float rate, float correction) {
    float[] p = arrays[0];
    float[] gradient = arrays[1];
    float[] m = arrays[2];
    float[] v = arrays[3];
    float decay = decoupled ? 0 : (float) weightDecay;
    float kept = decoupled ? (float) (1 - stepRate * weightDecay) : 1;
    float b1 = (float) beta1;
    float c1 = (float) (1 - beta1);
    float b2 = (float) beta2;
    float c2 = (float) (1 - beta2);
    float eps = (float) epsilon;
    return (from, to) -> {
      for (int i = from; i < to; i++) {
        float g = gradient[i] + decay * p[i];
        m[i] = b1 * m[i] + c1 * g;
        v[i] = b2 * v[i] + c2 * g * g;
        p[i] = kept * p[i] - rate * m[i] / ((float) Math.sqrt(v[i]) * correction + eps);
      }
    };
  }

  private Workers.Part doubles(double[][] arrays, double rate, double correction) {
    double[] p = arrays[0];
    double[] gradient = arrays[1];
    double[] m = arrays[2];
    double[] v = arrays[3];
    double decay = decoupled ? 0 : weightDecay;
    double kept = decoupled ? 1 - stepRate * weightDecay : 1;
    return (from, to) -> {
      for (int i = from; i < to; i++) {
        double g = gradient[i] + decay * p[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        p[i] = kept * p[i] - rate * m[i] / (Math.sqrt(v[i]) * correction + epsilon);
      }
    };
  }

  /** Options of {@link Adam}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final ImmutableMap<String, Tensor> parameters;
    private double learningRate = 1e-3;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private double weightDecay;
    private boolean decoupled;
    private ImmutableSet<String> lazyTables = ImmutableSet.of();

    private Builder(ImmutableMap<String, Tensor> parameters) {
      this.parameters = parameters;
    }

    /**
     * Sets the learning rate. The default is 1e-3.
     *
     * @param learningRate a positive and finite number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder learningRate(double learningRate) {
      checkArgument(
          learningRate > 0 && Double.isFinite(learningRate),
          "learningRate must be positive and finite, found %s",
          learningRate);
      this.learningRate = learningRate;
      return this;
    }

    /**
     * Sets the decay rates of the moments. The defaults are 0.9 and 0.999.
     *
     * @param beta1 the rate of the first moment, in [0, 1)
     * @param beta2 the rate of the second moment, in [0, 1)
     * @return this builder
     * @throws IllegalArgumentException if either is outside [0, 1)
     */
    @CanIgnoreReturnValue
    public Builder betas(double beta1, double beta2) {
      checkArgument(beta1 >= 0 && beta1 < 1, "beta1 must lie in [0, 1), found %s", beta1);
      checkArgument(beta2 >= 0 && beta2 < 1, "beta2 must lie in [0, 1), found %s", beta2);
      this.beta1 = beta1;
      this.beta2 = beta2;
      return this;
    }

    /**
     * Sets the number that is added to the denominator. The default is 1e-8.
     *
     * @param epsilon a positive and finite number
     * @return this builder
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder epsilon(double epsilon) {
      checkArgument(
          epsilon > 0 && Double.isFinite(epsilon),
          "epsilon must be positive and finite, found %s",
          epsilon);
      this.epsilon = epsilon;
      return this;
    }

    /**
     * Sets the share of each parameter that is added to its gradient (L2 regularisation). The
     * default is 0.
     *
     * @param weightDecay a number of at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder weightDecay(double weightDecay) {
      checkArgument(
          weightDecay >= 0 && Double.isFinite(weightDecay),
          "weightDecay must be finite and at least 0, found %s",
          weightDecay);
      this.weightDecay = weightDecay;
      return this;
    }

    /**
     * Sets whether the decay shrinks parameters directly (AdamW) instead of being added to their
     * gradients. The default is false.
     *
     * @param decoupledWeightDecay whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder decoupledWeightDecay(boolean decoupledWeightDecay) {
      this.decoupled = decoupledWeightDecay;
      return this;
    }

    /**
     * Sets the tables of which a step updates only the rows with a gradient other than zero. The
     * cost then depends on those rows and not on the height of the table, if the gradients
     * {@linkplain Gradients#touchedRows record} them. By default there are none.
     *
     * <p>The gradient of a float32 table is zero after the step. Neither decay nor momentum moves
     * the other rows, and their moments do not decay. A row that is touched again continues as if
     * there had been no steps in between. The bias corrections count every step. Weights differ
     * from those of dense Adam, which the published method uses.
     *
     * @param lazyTables the names of parameters with two axes
     * @return this builder
     * @throws IllegalArgumentException if there is no such parameter or it does not have two axes
     */
    @CanIgnoreReturnValue
    public Builder lazyTables(Set<String> lazyTables) {
      for (String name : lazyTables) {
        Tensor table = parameters.get(name);
        checkArgument(
            table != null && table.rank() == 2,
            "lazyTables must be parameters of two axes, one of %s, found '%s' %s",
            parameters.keySet(),
            name,
            table);
      }
      this.lazyTables = ImmutableSet.copyOf(lazyTables);
      return this;
    }

    /**
     * Builds the optimizer with zero moments.
     *
     * @return the optimizer
     */
    public Adam build() {
      return new Adam(this);
    }
  }
}
