package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.Locale;

/**
 * Copying and summing of rows between tables of different widths, for both data types.
 *
 * <p>Its loops stand beside {@link io.github.alphafuse.core.internal.rows.Rows}, since every step
 * of training passes here and they are faster over the plain arrays of the tables.
 *
 * <p>Legend: R rows, a table of height H; a piece is a run of columns of each row.
 */
final class RowTable {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 15;

  /** The number of rows that are prefetched from memory before they are used. */
  private static final int AHEAD = 64;

  private RowTable() {}

  static void requireIds(int[] ids, int itemCount) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] > itemCount) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "ids[%d] must lie in [0, %d], %d being the padding item, found %d",
                i,
                itemCount,
                itemCount,
                ids[i]));
      }
    }
  }

  /** More rows than required are accepted, since buffers are reused for batches of any size. */
  static void requireShape(String name, Tensor tensor, int rows, int columns) {
    // The message is formatted only on failure, since rows are copied a few at a time.
    if (tensor.rank() != 2 || tensor.shape(0) < rows || tensor.shape(1) != columns) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s must have shape [%s, %s] or more rows, found %s",
              name,
              rows,
              columns,
              Arrays.toString(tensor.shape())));
    }
  }

  static void requireTable(Tensor gradient, int itemCount) {
    checkArgument(
        gradient.rank() == 2 && gradient.shape(0) == itemCount,
        "tableGradient must have %s rows, found %s",
        itemCount,
        Arrays.toString(gradient.shape()));
  }

  static void requireType(String name, Tensor tensor, ElementType type) {
    checkArgument(
        tensor.elementType() == type,
        "%s must be of type %s, found %s",
        name,
        type,
        tensor.elementType());
  }

  /** The target of rows: a buffer with the first row and the first column to be written. */
  record Place(Tensor rows, int row, int column) {
    Place(Tensor rows, int row) {
      this(rows, row, 0);
    }

    Place column(int first) {
      return new Place(rows, row, first);
    }

    private int of(int r) {
      return (row + r) * rows.shape(1) + column;
    }
  }

  /** place[r] = table[ids[r], :], for rows of the table that exist; else zeros. */
  static void copy(Tensor table, int[] ids, Place place) {
    int width = table.shape(1);
    int height = table.shape(0);
    if (width == 0) {
      return;
    }
    if (table.elementType() == ElementType.FLOAT32) {
      float[] source = table.floats();
      float[] target = place.rows().floats();
      split(
          ids.length,
          width,
          (from, to) -> {
            for (int r = from; r < to; r++) {
              int start = place.of(r);
              if ((r - from) % AHEAD == 0) {
                // Overwritten at once.
                target[start] =
                    FloatVectors.touch(source, 0, ids, r, Math.min(to, r + AHEAD), width);
              }
              if (ids[r] < height) {
                System.arraycopy(source, ids[r] * width, target, start, width);
              } else {
                Arrays.fill(target, start, start + width, 0);
              }
            }
          });
    } else {
      double[] source = table.doubles();
      double[] target = place.rows().doubles();
      for (int r = 0; r < ids.length; r++) {
        int start = place.of(r);
        if (ids[r] < height) {
          System.arraycopy(source, ids[r] * width, target, start, width);
        } else {
          Arrays.fill(target, start, start + width, 0);
        }
      }
    }
  }

  /** place[r] += table[ids[r], :]. */
  static void add(Tensor table, int[] ids, Place place) {
    int width = table.shape(1);
    if (width == 0) {
      return;
    }
    if (table.elementType() == ElementType.FLOAT32) {
      float[] source = table.floats();
      float[] target = place.rows().floats();
      split(
          ids.length,
          width,
          (from, to) -> {
            float[] added = new float[width];
            float[] row = new float[width];
            for (int r = from; r < to; r++) {
              if ((r - from) % AHEAD == 0) {
                added[0] = FloatVectors.touch(source, 0, ids, r, Math.min(to, r + AHEAD), width);
              }
              System.arraycopy(source, ids[r] * width, added, 0, width);
              addTo(target, place.of(r), added, row);
            }
          });
    } else {
      double[] source = table.doubles();
      double[] target = place.rows().doubles();
      for (int r = 0; r < ids.length; r++) {
        int from = ids[r] * width;
        int start = place.of(r);
        for (int j = 0; j < width; j++) {
          target[start + j] += source[from + j];
        }
      }
    }
  }

  /** table[ids[r], :] += rows[r, at : at + width] for every id but the padding one. */
  static void scatterAdd(Tensor rows, int at, int[] ids, Tensor table) {
    int width = table.shape(1);
    if (width == 0) {
      return;
    }
    int stride = rows.shape(1);
    int padding = table.shape(0) - 1;
    if (rows.elementType() == ElementType.FLOAT32) {
      float[] source = rows.floats();
      float[] target = table.floats();
      float[] added = new float[width];
      float[] row = new float[width];
      for (int r = 0; r < ids.length; r++) {
        if (r % AHEAD == 0) {
          added[0] = FloatVectors.touch(target, 0, ids, r, Math.min(ids.length, r + AHEAD), width);
        }
        if (ids[r] != padding) {
          System.arraycopy(source, r * stride + at, added, 0, width);
          addTo(target, ids[r] * width, added, row);
        }
      }
    } else {
      double[] source = rows.doubles();
      double[] target = table.doubles();
      for (int r = 0; r < ids.length; r++) {
        if (ids[r] == padding) {
          continue;
        }
        int from = r * stride + at;
        int to = ids[r] * width;
        for (int j = 0; j < width; j++) {
          target[to + j] += source[from + j];
        }
      }
    }
  }

  /** Adds to a row through an array of its own, since only loops from 0 become SIMD code. */
  private static void addTo(float[] target, int at, float[] added, float[] row) {
    System.arraycopy(target, at, row, 0, row.length);
    FloatVectors.addScaled(1, added, row, row.length);
    System.arraycopy(row, 0, target, at, row.length);
  }

  private static void split(int count, int width, Workers.Part part) {
    Workers.split(count, LEAST / Math.max(1, width) + 1, part);
  }

  static int[] range(int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i;
    }
    return ids;
  }
}
