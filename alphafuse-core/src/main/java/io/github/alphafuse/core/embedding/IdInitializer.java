package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.Tensor;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/**
 * The start values of an ID embedding.
 *
 * <p>Legend: R rows, C columns of the table. Immutable and thread-safe.
 */
public final class IdInitializer {
  private static final double SPARSITY = 0.01;

  private static final IdInitializer ZEROS =
      new IdInitializer("zeros", (table, random) -> table.fill(0));
  private static final IdInitializer NORMAL =
      new IdInitializer(
          "normal",
          (table, random) -> {
            for (int i = 0; i < table.size(); i++) {
              table.set(i, random.nextGaussian());
            }
          });
  private static final IdInitializer UNIFORM =
      new IdInitializer("uniform", (table, random) -> fillUniform(table, random, 0, 1));
  private static final IdInitializer ORTHOGONAL =
      new IdInitializer("orthogonal", IdInitializer::fillOrthogonal);
  private static final IdInitializer XAVIER_UNIFORM =
      new IdInitializer(
          "xavier",
          (table, random) -> {
            double bound = Math.sqrt(6.0 / (table.shape(0) + table.shape(1)));
            fillUniform(table, random, -bound, bound);
          });
  private static final IdInitializer SPARSE =
      new IdInitializer("sparse", IdInitializer::fillSparse);

  private static final ImmutableMap<String, IdInitializer> BY_NAME =
      ImmutableMap.<String, IdInitializer>builder()
          .put("zeros", ZEROS)
          .put("normal", NORMAL)
          .put("uniform", UNIFORM)
          .put("orthogonal", ORTHOGONAL)
          .put("xavier", XAVIER_UNIFORM)
          .put("sparse", SPARSE)
          .build();

  private final String name;
  private final Filler filler;

  private IdInitializer(String name, Filler filler) {
    this.name = name;
    this.filler = filler;
  }

  @FunctionalInterface
  private interface Filler {
    void fill(Tensor table, RandomGenerator random);
  }

  /**
   * All zeros: an item starts as its text alone.
   *
   * @return the initialiser
   */
  public static IdInitializer zeros() {
    return ZEROS;
  }

  /**
   * Independent numbers from N(0, 1).
   *
   * @return the initialiser
   */
  public static IdInitializer normal() {
    return NORMAL;
  }

  /**
   * Independent numbers, uniform in [0, 1).
   *
   * @return the initialiser
   */
  public static IdInitializer uniform() {
    return UNIFORM;
  }

  /**
   * Orthonormal columns (rows where there are more columns than rows), gain 1.
   *
   * @return the initialiser
   */
  public static IdInitializer orthogonal() {
    return ORTHOGONAL;
  }

  /**
   * Xavier's uniform start with gain 1: uniform in [-b, b), b = sqrt(6 / (R + C)).
   *
   * @return the initialiser
   */
  public static IdInitializer xavierUniform() {
    return XAVIER_UNIFORM;
  }

  /**
   * 1% of each column zero (rounded up), the rest from N(0, 1).
   *
   * @return the initialiser
   */
  public static IdInitializer sparse() {
    return SPARSE;
  }

  /**
   * The same start values, multiplied by a factor: {@code normal().scaled(0.1)} is N(0, 0.01).
   *
   * @param factor a positive number
   * @return the initialiser, of the same name
   * @throws IllegalArgumentException if not positive and finite
   */
  public IdInitializer scaled(double factor) {
    checkArgument(
        factor > 0 && Double.isFinite(factor),
        "factor must be positive and finite, found %s",
        factor);
    if (factor == 1) {
      return this;
    }
    return new IdInitializer(
        name,
        (table, random) -> {
          filler.fill(table, random);
          for (int i = 0; i < table.size(); i++) {
            table.set(i, table.get(i) * factor);
          }
        });
  }

  /**
   * An initialiser by its name.
   *
   * @param name zeros, normal, uniform, orthogonal, xavier (or xavier_uniform) or sparse, in any
   *     case
   * @return the initialiser
   * @throws IllegalArgumentException if there is none of that name
   */
  public static IdInitializer named(String name) {
    String key = name.toLowerCase(Locale.ROOT).replace("xavier_uniform", "xavier");
    IdInitializer found = BY_NAME.get(key);
    checkArgument(
        found != null, "ID initialiser must be one of %s, found '%s'", BY_NAME.keySet(), name);
    return found;
  }

  /**
   * The name under which {@link #named} finds it.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Overwrites a table with start values.
   *
   * @param table [R, C]
   * @param random the source of random numbers
   * @throws IllegalArgumentException if the table is not of rank 2
   */
  public void fill(Tensor table, RandomGenerator random) {
    checkArgument(table.rank() == 2, "an ID table must be of rank 2, found %s", table);
    if (table.size() > 0) {
      filler.fill(table, random);
    }
  }

  /**
   * The name.
   *
   * @return the name
   */
  @Override
  public String toString() {
    return name;
  }

  private static void fillUniform(Tensor table, RandomGenerator random, double from, double to) {
    for (int i = 0; i < table.size(); i++) {
      table.set(i, from + (to - from) * random.nextDouble());
    }
  }

  private static void fillSparse(Tensor table, RandomGenerator random) {
    int rows = table.shape(0);
    int columns = table.shape(1);
    NORMAL.filler.fill(table, random);
    int zeros = (int) Math.ceil(SPARSITY * rows);
    int[] order = new int[rows];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        order[i] = i;
      }
      for (int i = 0; i < zeros; i++) {
        int pick = i + random.nextInt(rows - i);
        int row = order[pick];
        order[pick] = order[i];
        order[i] = row;
        table.set(row * columns + j, 0);
      }
    }
  }

  private static void fillOrthogonal(Tensor table, RandomGenerator random) {
    int rows = table.shape(0);
    int columns = table.shape(1);
    int tall = Math.max(rows, columns);
    int wide = Math.min(rows, columns);
    DMatrixRMaj gaussian = new DMatrixRMaj(tall, wide);
    for (int i = 0; i < gaussian.getNumElements(); i++) {
      gaussian.data[i] = random.nextGaussian();
    }
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(tall, wide);
    checkArgument(
        qr.decompose(gaussian), "the QR decomposition of a %s x %s table failed", tall, wide);
    DMatrixRMaj q = qr.getQ(null, true);
    DMatrixRMaj r = qr.getR(null, true);
    for (int i = 0; i < tall; i++) {
      for (int j = 0; j < wide; j++) {
        // The sign of R's diagonal makes Q uniform over all orthonormal frames.
        double value = q.get(i, j) * Math.signum(r.get(j, j));
        table.set(rows >= columns ? i * columns + j : j * columns + i, value);
      }
    }
  }
}
