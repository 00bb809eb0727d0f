package io.github.alphafuse.core.internal;

/**
 * A factor of a dense product: a row-major matrix as it is stored, or its transpose. In float32 it
 * may also be a block of rows and columns of a larger matrix.
 */
public sealed interface Operand permits DoubleOperand, FloatMatrix.View {

  /**
   * The rows as they are stored.
   *
   * @return their number
   */
  int rows();

  /**
   * The columns as they are stored.
   *
   * @return their number
   */
  int columns();

  /**
   * Whether a product takes the transpose of what is stored.
   *
   * @return whether it does
   */
  boolean transposed();

  /**
   * The transpose.
   *
   * @return an operand over the same storage
   */
  Operand transpose();

  /**
   * The rows that a product takes.
   *
   * @return the stored columns of a transpose, else the stored rows
   */
  default int height() {
    return transposed() ? columns() : rows();
  }

  /**
   * The columns that a product takes.
   *
   * @return the stored rows of a transpose, else the stored columns
   */
  default int width() {
    return transposed() ? rows() : columns();
  }
}
