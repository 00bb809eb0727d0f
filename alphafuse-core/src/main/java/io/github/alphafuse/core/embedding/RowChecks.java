package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;

/** Checks of the arguments of item embeddings. */
final class RowChecks {
  private RowChecks() {}

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

  /** More rows than required are accepted, since buffers are reused for batches of any size. */
  static void requireShape(String name, Tensor tensor, int rows, int columns) {
    // The message is formatted only on failure, since rows are copied a few at a time.
    if (tensor.rank() != 2 || tensor.shape(0) < rows || tensor.shape(1) != columns) {
      throw new IllegalArgumentException(
          String.format(
              "%s must have shape [%s, %s] or more rows, found %s",
              name, rows, columns, Arrays.toString(tensor.shape())));
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
}
