package io.github.alphafuse.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Whole batches of examples in file order, again from the start after the last.
 *
 * @param examples how many examples there are
 * @param batchSize B
 */
record BatchCycle(int examples, int batchSize) {

  BatchCycle {
    checkArgument(
        batchSize <= examples,
        "the data must have at least %s examples for a batch, found %s",
        batchSize,
        examples);
  }

  /** The examples of a batch. */
  int[] indices(int number) {
    int first = number % (examples / batchSize) * batchSize;
    int[] indices = new int[batchSize];
    for (int i = 0; i < batchSize; i++) {
      indices[i] = first + i;
    }
    return indices;
  }
}
