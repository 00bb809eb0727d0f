package io.github.alphafuse.core.language;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.ElementType;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Rows of a caller's source, divided into blocks of the requested size. */
record StreamedRows(int rows, int columns, Supplier<Stream<double[]>> source) implements RowSource {
  private static final String NAME = "the block source";

  @Override
  public ElementType elementType() {
    return ElementType.FLOAT64;
  }

  @Override
  public void scan(RowRange range, int maxRows, Receiver receiver) {
    double[] block = new double[Math.multiplyExact(Math.min(maxRows, range.size()), columns)];
    int filled = 0;
    int first = range.from();
    int row = 0;
    try (Stream<double[]> stream = source.get()) {
      Iterator<double[]> arrays = stream.iterator();
      // A pass that ends before the last row stops there. Only a pass to the end can find too many
      // rows.
      while (row < range.to() || range.to() == rows) {
        if (!arrays.hasNext()) {
          break;
        }
        double[] array = arrays.next();
        checkArgument(
            array.length > 0 && array.length % columns == 0,
            "%s gave %s numbers after row %s, expected whole rows of %s",
            NAME,
            array.length,
            row,
            columns);
        for (int i = 0; i < array.length; i++) {
          if (!Double.isFinite(array[i])) {
            throw RowSource.nonFinite(NAME, (long) row * columns + i, columns);
          }
        }
        int count = array.length / columns;
        checkArgument(
            count <= rows - row, "%s gave more rows than the %s it was declared with", NAME, rows);
        int from = Math.max(range.from() - row, 0);
        int to = Math.min(range.to() - row, count);
        while (from < to) {
          int copied = Math.min(to - from, block.length / columns - filled);
          System.arraycopy(array, from * columns, block, filled * columns, copied * columns);
          filled += copied;
          from += copied;
          if (filled == block.length / columns) {
            receiver.accept(first, block, filled);
            first += filled;
            filled = 0;
          }
        }
        row += count;
      }
    }
    checkArgument(
        row >= range.to(),
        "%s gave %s rows, expected the %s it was declared with",
        NAME,
        row,
        rows);
    if (filled > 0) {
      receiver.accept(first, block, filled);
    }
  }

  @Override
  public String toString() {
    return "blocks";
  }
}
