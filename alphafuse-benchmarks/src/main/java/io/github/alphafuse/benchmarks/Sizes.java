package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Sizes of models and batches.
 *
 * @param dim d of SASRec
 * @param nullDim d_n of SASRec
 * @param batchSize B
 * @param negatives K
 * @param top how many items a prediction selects
 * @param grid what growth goes over
 */
record Sizes(int dim, int nullDim, int batchSize, int negatives, int top, Grid grid) {

  Sizes {
    checkArgument(nullDim <= dim, "--null-dim must be at most --dim %s, found %s", dim, nullDim);
  }

  /**
   * Sizes of catalogues, dimensions and histories, one of them varied at a time.
   *
   * @param items N, empty for each task's own default
   * @param dims d
   * @param lengths L
   */
  record Grid(List<Integer> items, List<Integer> dims, List<Integer> lengths) {}
}
