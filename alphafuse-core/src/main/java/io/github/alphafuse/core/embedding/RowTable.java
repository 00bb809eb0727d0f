package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Copying and summing of rows between tables of different widths, for both data types.
 *
 * <p>Legend: R rows, a table of height H; a piece is a run of columns of each row.
 */
final class RowTable {
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

  static void requireShape(String name, Tensor tensor, int rows, int columns) {
    checkArgument(
        tensor.rank() == 2 && tensor.shape(0) == rows && tensor.shape(1) == columns,
        "%s must have shape [%s, %s], found %s",
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
      for (int r = 0; r < ids.length; r++) {
        int to = r * stride + at;
        if (ids[r] < height) {
          System.arraycopy(source, ids[r] * width, target, to, width);
        } else {
          Arrays.fill(target, to, to + width, 0);
        }
      }
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
      for (int r = 0; r < ids.length; r++) {
        int from = ids[r] * width;
        int to = r * stride + at;
        for (int j = 0; j < width; j++) {
          target[to + j] += source[from + j];
        }
      }
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

  static int[] range(int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i;
    }
    return ids;
  }
}
