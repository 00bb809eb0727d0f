package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.internal.Workers;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws pairs for training: a user uniformly, with replacement, among those with items; one of its
 * items; and items that the user has not seen, where seen ones are drawn again.
 *
 * <p>Each pair has a random stream of its own, seeded in order, so that the result does not depend
 * on the number of threads. Immutable and thread-safe.
 */
public final class PairSampler {
  /** The fewest pairs per thread. */
  private static final int LEAST = 64;

  private final InteractionGraph graph;
  private final int negatives;
  private final int[] users;

  private PairSampler(InteractionGraph graph, int negatives) {
    this.graph = graph;
    this.negatives = negatives;
    this.users =
        IntStream.range(0, graph.userCount())
            .filter(u -> graph.itemsOfUsers().length(u) > 0)
            .toArray();
  }

  /**
   * A sampler over a graph.
   *
   * @param graph the graph
   * @param negatives K, unseen items per pair, at least 1; an item may be drawn more than once
   * @return the sampler
   * @throws IllegalArgumentException if K is below 1, or a user with items has fewer than K unseen
   *     ones; the message names the user
   */
  public static PairSampler of(InteractionGraph graph, int negatives) {
    checkArgument(negatives >= 1, "negatives must be at least 1, found %s", negatives);
    for (int u = 0; u < graph.userCount(); u++) {
      int unseen = graph.itemCount() - graph.itemsOfUsers().length(u);
      checkArgument(
          graph.itemsOfUsers().length(u) == 0 || unseen >= negatives,
          "negatives must be at most the unseen items of each user, found %s: user \"%s\" has %s"
              + " unseen of %s items",
          negatives,
          graph.users().get(u),
          unseen,
          graph.itemCount());
    }
    return new PairSampler(graph, negatives);
  }

  /**
   * Draws pairs.
   *
   * @param count B, at least 1
   * @param random the source of random numbers
   * @return the pairs and K negatives of each
   * @throws IllegalArgumentException if B is below 1
   */
  public PairBatch sample(int count, SplittableRandom random) {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
    SparseRows edges = graph.itemsOfUsers();
    int[] drawnUsers = new int[count];
    int[] positives = new int[count];
    int[] drawn = new int[Math.multiplyExact(count, negatives)];
    long[] seeds = new long[count];
    for (int b = 0; b < count; b++) {
      int user = users[random.nextInt(users.length)];
      drawnUsers[b] = user;
      positives[b] = edges.columns()[edges.starts()[user] + random.nextInt(edges.length(user))];
      seeds[b] = random.nextLong();
    }
    Workers.split(
        count,
        LEAST,
        (from, to) -> {
          BitSet seen = new BitSet(graph.itemCount());
          for (int b = from; b < to; b++) {
            int start = edges.starts()[drawnUsers[b]];
            int end = edges.starts()[drawnUsers[b] + 1];
            for (int e = start; e < end; e++) {
              seen.set(edges.columns()[e]);
            }
            SplittableRandom own = new SplittableRandom(seeds[b]);
            for (int k = 0; k < negatives; k++) {
              int item;
              do {
                item = own.nextInt(graph.itemCount());
              } while (seen.get(item));
              drawn[b * negatives + k] = item;
            }
            for (int e = start; e < end; e++) {
              seen.clear(edges.columns()[e]);
            }
          }
        });
    return new PairBatch(drawnUsers, positives, drawn);
  }
}
