package io.github.alphafuse.core.language;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;

/** Rows on the heap, checked once. */
record TensorRows(Tensor tensor) implements RowSource {
  TensorRows {
    int bad = tensor.firstNonFinite();
    if (bad >= 0) {
      throw new IllegalArgumentException(
          RowSource.nonFinite("rows", bad, tensor.shape(1)).getMessage() + ": " + tensor.get(bad));
    }
  }

  @Override
  public int rows() {
    return tensor.shape(0);
  }

  @Override
  public int columns() {
    return tensor.shape(1);
  }

  @Override
  public ElementType elementType() {
    return tensor.elementType();
  }

  @Override
  public void scan(RowRange range, int maxRows, Receiver receiver) {
    double[] block = new double[Math.multiplyExact(Math.min(maxRows, range.size()), columns())];
    int count;
    for (int row = range.from(); row < range.to(); row += count) {
      count = Math.min(maxRows, range.to() - row);
      int offset = row * columns();
      int length = count * columns();
      if (tensor.elementType() == ElementType.FLOAT32) {
        float[] floats = tensor.floats();
        for (int i = 0; i < length; i++) {
          block[i] = floats[offset + i];
        }
      } else {
        System.arraycopy(tensor.doubles(), offset, block, 0, length);
      }
      receiver.accept(row, block, count);
    }
  }

  @Override
  public String toString() {
    return "heap";
  }
}
