package io.github.alphafuse.core.language;

/**
 * A receiver of rows in blocks.
 *
 * <p>Shapes: d_l language dimension.
 */
@FunctionalInterface
public interface BlockConsumer {
  /**
   * Takes one block.
   *
   * @param firstRow the index of the block's first row
   * @param rowMajor the numbers, rowCount x d_l row by row; the array may be longer, and is
   *     overwritten by the next block as soon as this method returns
   * @param rowCount the number of rows, at least 1
   */
  void accept(int firstRow, double[] rowMajor, int rowCount);
}
