package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;

/**
 * The graph of users and items: an edge between a user and each item of its training set.
 *
 * <p>Edges are stored twice, by user and by item, in 4 bytes each. Weights are not stored, and no
 * dense matrix is built. With the degree d_v of a node, propagation multiplies by
 *
 * <pre>
 * A_hat = D^{-1/2} A D^{-1/2},   weight of the edge (u, i): 1 / sqrt(d_u d_i)
 * </pre>
 *
 * <p>A node without edges has D^{-1/2} = 0, so nothing is propagated to or from it.
 *
 * <p>Legend: U users, N items, E edges, d width. Immutable and thread-safe.
 *
 * <p>See: He et al., "LightGCN: Simplifying and Powering Graph Convolution Network for
 * Recommendation", SIGIR 2020, section 3.1.
 */
public final class InteractionGraph {
  private final UserItems interactions;
  private final SparseRows itemsOfUsers;
  private final SparseRows usersOfItems;
  private final double[] userScales; // [U] 1 / sqrt(degree), or 0
  private final double[] itemScales; // [N]

  private InteractionGraph(UserItems interactions) {
    this.interactions = interactions;
    this.itemsOfUsers = new SparseRows(interactions.starts(), interactions.rows());
    this.usersOfItems = itemsOfUsers.transpose(interactions.itemCount()).rows();
    this.userScales = scales(itemsOfUsers);
    this.itemScales = scales(usersOfItems);
  }

  private static double[] scales(SparseRows rows) {
    double[] scales = new double[rows.count()];
    for (int r = 0; r < scales.length; r++) {
      scales[r] = rows.length(r) == 0 ? 0 : 1 / Math.sqrt(rows.length(r));
    }
    return scales;
  }

  /**
   * The graph of some interactions. A repeated pair is one edge.
   *
   * @param interactions the items of each user
   * @return the graph
   * @throws IllegalArgumentException if there is no interaction at all
   */
  public static InteractionGraph of(UserItems interactions) {
    checkArgument(
        interactions.size() > 0,
        "a graph needs at least one interaction, found none of %s users and %s items",
        interactions.userCount(),
        interactions.itemCount());
    return new InteractionGraph(interactions);
  }

  /**
   * The interactions of the graph.
   *
   * @return the items of each user
   */
  public UserItems interactions() {
    return interactions;
  }

  /**
   * The keys of the users.
   *
   * @return [U]
   */
  public ImmutableList<String> users() {
    return interactions.users();
  }

  /**
   * The items.
   *
   * @return the ids of the N items
   */
  public ItemVocabulary vocabulary() {
    return interactions.vocabulary();
  }

  /**
   * The number of users.
   *
   * @return U, including those without edges
   */
  public int userCount() {
    return interactions.userCount();
  }

  /**
   * The number of items.
   *
   * @return N, including those without edges
   */
  public int itemCount() {
    return interactions.itemCount();
  }

  /**
   * The number of edges.
   *
   * @return E
   */
  public int edgeCount() {
    return interactions.size();
  }

  /**
   * Propagates rows over the graph and averages the layers: the mean of X, A_hat X, ..., A_hat^K X.
   *
   * <p>A_hat is symmetric, so the gradient of a loss with respect to X is the propagation of its
   * gradient with respect to the result.
   *
   * @param nodes [U + N, d] X, the users before the items, in float32 or float64
   * @param layers K, at least 0
   * @return [U + N, d] the average, in the same type
   * @throws IllegalArgumentException if the shape does not fit or K is negative
   */
  public Tensor propagate(Tensor nodes, int layers) {
    int count = Math.addExact(userCount(), itemCount());
    checkArgument(
        nodes.rank() == 2 && nodes.shape(0) == count,
        "nodes must have a row for each of %s users and %s items, found %s",
        userCount(),
        itemCount(),
        nodes);
    checkArgument(layers >= 0, "layers must be at least 0, found %s", layers);
    int width = nodes.shape(1);
    Rows users = Rows.zeros(nodes.elementType(), userCount(), width);
    Rows items = Rows.zeros(nodes.elementType(), itemCount(), width);
    users.copyFrom(Rows.of(nodes).rows(0, userCount()));
    items.copyFrom(Rows.of(nodes).rows(userCount(), count));
    new Propagation(this, layers).average(users, items);
    Tensor average = Tensor.zeros(nodes.elementType(), count, width);
    Rows.of(average).rows(0, userCount()).copyFrom(users);
    Rows.of(average).rows(userCount(), count).copyFrom(items);
    return average;
  }

  SparseRows itemsOfUsers() {
    return itemsOfUsers;
  }

  SparseRows usersOfItems() {
    return usersOfItems;
  }

  double[] userScales() {
    return userScales;
  }

  double[] itemScales() {
    return itemScales;
  }

  /**
   * The sizes.
   *
   * @return for example {@code InteractionGraph[6040 users, 3416 items, 797758 edges]}
   */
  @Override
  public String toString() {
    return "InteractionGraph["
        + userCount()
        + " users, "
        + itemCount()
        + " items, "
        + edgeCount()
        + " edges]";
  }
}
