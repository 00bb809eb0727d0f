package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.backbones.data.UserItems;
import java.util.SplittableRandom;

/** Seeded random interactions for tests. */
final class RandomGraph {
  private RandomGraph() {}

  /** Each user has each item with a probability; the last user and the last item have no edge. */
  static InteractionGraph of(int users, int items, double density) {
    SplittableRandom random = new SplittableRandom(users * 31L + items);
    int[][] sets = new int[users][];
    for (int u = 0; u < users; u++) {
      sets[u] =
          u == users - 1
              ? new int[0]
              : random
                  .ints(items - 1, 0, 1000)
                  .collect(
                      Found::new,
                      (found, draw) -> found.next(draw < 1000 * density),
                      (a, b) -> {
                        throw new IllegalStateException("not parallel");
                      })
                  .places();
    }
    return InteractionGraph.of(UserItems.of(items, sets));
  }

  /** The places at which something was found. */
  private static final class Found {
    private final java.util.BitSet places = new java.util.BitSet();
    private int next;

    void next(boolean found) {
      places.set(next++, found);
    }

    int[] places() {
      return places.stream().toArray();
    }
  }

  /** [U + N, U + N] D^{-1/2} A D^{-1/2}. */
  static double[][] dense(InteractionGraph graph) {
    int users = graph.userCount();
    int count = users + graph.itemCount();
    double[][] matrix = new double[count][count];
    double[] degrees = new double[count];
    for (int u = 0; u < users; u++) {
      for (int item : graph.interactions().items(u)) {
        matrix[u][users + item] = 1;
        matrix[users + item][u] = 1;
        degrees[u]++;
        degrees[users + item]++;
      }
    }
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        if (matrix[i][j] != 0) {
          matrix[i][j] = 1 / Math.sqrt(degrees[i] * degrees[j]);
        }
      }
    }
    return matrix;
  }
}
