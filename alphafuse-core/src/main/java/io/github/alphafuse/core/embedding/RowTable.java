package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatVectors;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Copying and summing of rows between tables of different widths, for both data types.
 *
 * <p>Legend: R rows, a table of height H; a piece is a run of columns of each row.
 */
final class RowTable {
  /** Numbers that are worth a thread of their own. */
  private static final int LEAST = 1 << 15;

  private RowTable() {}

  static void requireIds(int[] ids, int itemCount) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] > itemCount) {
        throw new IllegalArgumentException(
            String.format(
                "ids[%d] must lie in [0, %d], %d being the padding item, found %d",
                i, itemCount, itemCount, ids[i]));
      }
    }
  }

  static void requireCandidates(CandidateGradients candidates, ItemEmbedding items) {
    requireIds(candidates.ids(), items.itemCount());
    requireType("rows", candidates.vectors(), items.dataType());
    checkArgument(
        candidates.dim() == items.dim(),
        "vectors must be of dimension %s, found %s",
        items.dim(),
        candidates.dim());
  }

  /** Rows may be more than are asked for: buffers are used again for batches of any size. */
  static void requireShape(String name, Tensor tensor, int rows, int columns) {
    checkArgument(
        tensor.rank() == 2 && tensor.shape(0) >= rows && tensor.shape(1) == columns,
        "%s must have shape [%s, %s] or more rows, found %s",
        name,
        rows,
        columns,
        Arrays.toString(tensor.shape()));
  }

  static void requireType(String name, Tensor tensor, DataType type) {
    checkArgument(
        tensor.dataType() == type,
        "%s must be of type %s, found %s",
        name,
        type,
        tensor.dataType());
  }

  /** rows[r, at : at + width] = table[ids[r], :], for rows of the table that exist; else zeros. */
  static void copy(Tensor table, int[] ids, Tensor rows, int at) {
    int width = table.shape(1);
    int stride = rows.shape(1);
    int height = table.shape(0);
    if (width == 0) {
      return;
    }
    if (rows.dataType() == DataType.FLOAT) {
      float[] source = table.floats();
      float[] target = rows.floats();
      split(
          ids.length,
          width,
          (from, to) -> {
            for (int r = from; r < to; r++) {
              int start = r * stride + at;
              if (ids[r] < height) {
                System.arraycopy(source, ids[r] * width, target, start, width);
              } else {
                Arrays.fill(target, start, start + width, 0);
              }
            }
          });
    } else {
      double[] source = table.doubles();
      double[] target = rows.doubles();
      for (int r = 0; r < ids.length; r++) {
        int to = r * stride + at;
        if (ids[r] < height) {
          System.arraycopy(source, ids[r] * width, target, to, width);
        } else {
          Arrays.fill(target, to, to + width, 0);
        }
      }
    }
  }

  /** rows[r, at : at + width] += table[ids[r], :]. */
  static void add(Tensor table, int[] ids, Tensor rows, int at) {
    int width = table.shape(1);
    int stride = rows.shape(1);
    if (rows.dataType() == DataType.FLOAT) {
      float[] source = table.floats();
      float[] target = rows.floats();
      split(
          ids.length,
          width,
          (from, to) -> {
            for (int r = from; r < to; r++) {
              FloatVectors.add(source, ids[r] * width, target, r * stride + at, width);
            }
          });
    } else {
      double[] source = table.doubles();
      double[] target = rows.doubles();
      for (int r = 0; r < ids.length; r++) {
        int from = ids[r] * width;
        int to = r * stride + at;
        for (int j = 0; j < width; j++) {
          target[to + j] += source[from + j];
        }
      }
    }
  }

  /** table[ids[r], :] += rows[r, at : at + width] for every id but the padding one. */
  static void scatterAdd(Tensor rows, int at, int[] ids, Tensor table) {
    int width = table.shape(1);
    int stride = rows.shape(1);
    int padding = table.shape(0) - 1;
    if (rows.dataType() == DataType.FLOAT) {
      float[] source = rows.floats();
      float[] target = table.floats();
      splitByItem(
          ids,
          new Height(padding, width),
          r -> FloatVectors.add(source, r * stride + at, target, ids[r] * width, width));
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

  private static void split(int count, int width, Workers.Part part) {
    Workers.split(count, LEAST / Math.max(1, width) + 1, part);
  }

  /** The rows of a table below its padding row, and their width. */
  record Height(int items, int width) {}

  /**
   * Takes every place of an id but the padding one: each thread all places of some items, in order,
   * so that no two write to one row and sums do not depend on the number of threads.
   */
  static void splitByItem(int[] ids, Height table, IntConsumer place) {
    int least = LEAST / Math.max(1, table.width()) + 1;
    int parts = Math.max(1, Math.min(Workers.count(), ids.length / least));
    Workers.run(
        parts,
        part -> {
          int from = (int) ((long) table.items() * part / parts);
          int to = (int) ((long) table.items() * (part + 1) / parts);
          for (int r = 0; r < ids.length; r++) {
            if (ids[r] >= from && ids[r] < to) {
              place.accept(r);
            }
          }
        });
  }

  /**
   * gradient[ids[c], :] += ofVector[c] v + ofRow[c] r, v and r being the last columns of the
   * candidate's vector and of its row, which is the sum of the last columns of the tables.
   */
  static void scatterAdd(CandidateGradients candidates, Tensor gradient, Tensor... tables) {
    int dim = candidates.dim();
    int width = gradient.shape(1);
    float[] target = gradient.floats();
    int[] ids = candidates.ids();
    float[] vectors = candidates.vectors().floats();
    splitByItem(
        ids,
        new Height(gradient.shape(0) - 1, width),
        c -> {
          int to = ids[c] * width;
          int vector = c / candidates.perExample() * dim + dim - width;
          FloatVectors.addScaled(candidates.ofVector()[c], vectors, vector, target, to, width);
          float ofRow = candidates.ofRow()[c];
          if (ofRow != 0) {
            for (Tensor table : tables) {
              int stride = table.shape(1);
              int from = ids[c] * stride + stride - width;
              FloatVectors.addScaled(ofRow, table.floats(), from, target, to, width);
            }
          }
        });
  }

  static int[] range(int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i;
    }
    return ids;
  }
}
