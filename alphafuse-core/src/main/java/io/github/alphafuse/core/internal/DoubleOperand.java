package io.github.alphafuse.core.internal;

/**
 * A whole matrix on the Java heap, as a factor of a float64 product.
 *
 * @param values the stored matrix, row by row
 * @param rows its stored rows
 * @param columns its stored columns
 * @param transposed whether the product takes its transpose
 */
public record DoubleOperand(double[] values, int rows, int columns, boolean transposed)
    implements Operand {

  /**
   * A matrix as it is stored.
   *
   * @param values the matrix, row by row
   * @param rows its rows
   * @param columns its columns
   * @return the factor
   */
  public static DoubleOperand of(double[] values, int rows, int columns) {
    return new DoubleOperand(values, rows, columns, false);
  }

  @Override
  public DoubleOperand transpose() {
    return new DoubleOperand(values, rows, columns, !transposed);
  }
}
