package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;
import java.util.Arrays;

/** The vectors of AlphaRec: projected language rows, propagated. Not thread-safe. */
final class LanguageEncoder implements GraphEncoder {
  private final InteractionGraph graph;
  private final LanguageProjection projection;
  private final LanguageProjection.Head userHead;
  private final LanguageProjection.Head itemHead;
  private final Propagation propagation;
  private final NodeRows users; // [U, d]
  private final NodeRows items; // [N, d]
  private final SparseRows.Weights inverseCounts; // [U] 1 / items of each user

  LanguageEncoder(AlphaRec model, int layers) {
    this.graph = model.graph();
    this.projection = new LanguageProjection(model.weights(), model.language());
    this.userHead = projection.head(graph.userCount());
    this.itemHead = projection.head(graph.itemCount());
    this.propagation = new Propagation(graph, layers);
    this.users = NodeRows.zeros(model.elementType(), graph.userCount(), model.dim());
    this.items = NodeRows.zeros(model.elementType(), graph.itemCount(), model.dim());
    double[] inverse = new double[graph.userCount()];
    Arrays.setAll(inverse, u -> 1.0 / Math.max(1, graph.itemsOfUsers().length(u)));
    this.inverseCounts = SparseRows.Weights.ofColumns(inverse);
  }

  @Override
  public void forward() {
    projection.refresh();
    userHead.inputs().average(graph.itemsOfUsers(), projection.itemProducts());
    itemHead.inputs().copyFrom(projection.itemProducts());
    users.copyFrom(userHead.forward());
    items.copyFrom(itemHead.forward());
    propagation.average(users, items);
  }

  /** The first map of the items' rows, without its bias [N, h], after {@link #forward}. */
  NodeRows itemProducts() {
    return projection.itemProducts();
  }

  @Override
  public NodeRows users() {
    return users;
  }

  @Override
  public NodeRows items() {
    return items;
  }

  @Override
  public void backward(NodeRows userGradients, NodeRows itemGradients, Gradients gradients) {
    propagation.average(userGradients, itemGradients);
    gradients.clear();
    NodeRows ofUsers = userHead.backward(userGradients, gradients); // [U, h]
    NodeRows ofItems = itemHead.backward(itemGradients, gradients); // [N, h]
    // The gradient of a user's mean is divided equally among its items.
    SparseRows usersOfItems = graph.usersOfItems();
    usersOfItems.split(
        (from, to) -> {
          for (int i = from; i < to; i++) {
            ofItems.addProduct(i, usersOfItems, inverseCounts, ofUsers);
          }
        });
    projection.backward(ofItems, gradients.get(ProjectorWeights.INNER_WEIGHT));
  }

  @Override
  public void close() {
    projection.close();
    userHead.close();
    itemHead.close();
  }
}
