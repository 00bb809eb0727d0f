package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.internal.rows.Rows;
import org.jspecify.annotations.Nullable;

/**
 * The layer-averaged propagation over a graph, with buffers for two layers of all nodes that are
 * reused.
 *
 * <p>Each layer is two sparse products, one for the users' rows and one for the items', divided
 * into parts with equal numbers of edges. A part's sums stay in a cache while bands of the other
 * side are added to them, four rows at a time. Not thread-safe.
 */
final class Propagation {
  private final InteractionGraph graph;
  private final int layers;
  private @Nullable Layer current;
  private @Nullable Layer next;

  Propagation(InteractionGraph graph, int layers) {
    this.graph = graph;
    this.layers = layers;
  }

  private record Layer(Rows users, Rows items) {
    static Layer like(Rows users, Rows items) {
      return new Layer(
          Rows.zeros(users.elementType(), users.count(), users.width()),
          Rows.zeros(items.elementType(), items.count(), items.width()));
    }
  }

  /** Replaces the rows of all nodes by the mean over the layers 0 to K. */
  void average(Rows users, Rows items) {
    if (layers == 0) {
      return;
    }
    Layer from = current == null ? Layer.like(users, items) : current;
    Layer to = next == null ? Layer.like(users, items) : next;
    from.users().copyFrom(users);
    from.items().copyFrom(items);
    for (int layer = 1; layer <= layers; layer++) {
      double mean = layer == layers ? 1.0 / (layers + 1) : 1;
      propagate(
          new Side(graph.itemsOfUsers(), graph.itemScales(), graph.userScales()),
          mean,
          new Rows[] {from.items(), to.users(), users});
      propagate(
          new Side(graph.usersOfItems(), graph.userScales(), graph.itemScales()),
          mean,
          new Rows[] {from.users(), to.items(), items});
      Layer swapped = from;
      from = to;
      to = swapped;
    }
    current = from;
    next = to;
  }

  /** The edges of the nodes of one side, the scales of their neighbours, and their own. */
  private record Side(SparseRows edges, double[] neighbours, double[] own) {}

  /** rows[1] = A_hat rows[0], and rows[2] = mean (rows[2] + rows[1]). */
  private static void propagate(Side side, double mean, Rows[] rows) {
    SparseProduct product = SparseProduct.ofColumns(side.edges(), side.neighbours(), rows[0]);
    Rows target = rows[1];
    Rows sum = rows[2];
    side.edges()
        .split(
            (from, to) -> {
              for (int r = from; r < to; r++) {
                target.clear(r);
              }
              product.addTo(target, from, to);
              for (int r = from; r < to; r++) {
                target.scale(r, side.own()[r]);
                sum.addScaled(r, 1, target, r);
                if (mean != 1) {
                  sum.scale(r, mean);
                }
              }
            });
  }
}
