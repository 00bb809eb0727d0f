package io.github.alphafuse.benchmarks;

import io.github.alphafuse.backbones.data.Examples;
import java.util.random.RandomGenerator;

/**
 * Histories of items drawn uniformly, of lengths drawn uniformly from 2 to L.
 *
 * @param items N
 * @param maxLength L, at least 2
 */
record RandomHistories(int items, int maxLength) {

  /** The next history, oldest item first. */
  int[] draw(RandomGenerator random) {
    return random.ints(random.nextInt(2, maxLength + 1), 0, items).toArray();
  }

  /** Some histories, each with a target drawn uniformly. */
  Examples examples(int count, RandomGenerator random) {
    Examples.Builder examples = Examples.builder(items);
    for (int i = 0; i < count; i++) {
      examples.add(Integer.toString(i), draw(random), random.nextInt(items));
    }
    return examples.build();
  }
}
