package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.Arrays;

/** The vectors of AlphaRec: projected language rows, propagated. Not thread-safe. */
final class LanguageEncoder implements GraphEncoder {
  private final InteractionGraph graph;
  private final LanguageProjection projection;
  private final LanguageProjection.Head userHead;
  private final LanguageProjection.Head itemHead;
  private final Propagation propagation;
  private final Rows users; // [U, d]
  private final Rows items; // [N, d]
  private final double[] inverseCounts; // [U] 1 / items of each user

  LanguageEncoder(AlphaRec model, int layers) {
    this.graph = model.graph();
    this.projection = new LanguageProjection(model.weights(), model.language());
    this.userHead = projection.head(graph.userCount());
    this.itemHead = projection.head(graph.itemCount());
    this.propagation = new Propagation(graph, layers);
    this.users = Rows.zeros(model.elementType(), graph.userCount(), model.dim());
    this.items = Rows.zeros(model.elementType(), graph.itemCount(), model.dim());
    this.inverseCounts = new double[graph.userCount()];
    Arrays.setAll(inverseCounts, u -> 1.0 / Math.max(1, graph.itemsOfUsers().length(u)));
  }

  @Override
  public void forward() {
    projection.refresh();
    SparseProduct.average(graph.itemsOfUsers(), projection.itemProducts(), userHead.inputs());
    itemHead.inputs().copyFrom(projection.itemProducts());
    users.copyFrom(userHead.forward());
    items.copyFrom(itemHead.forward());
    propagation.average(users, items);
  }

  /** The first map of the items' rows, without its bias [N, h], after {@link #forward}. */
  Rows itemProducts() {
    return projection.itemProducts();
  }

  @Override
  public Rows users() {
    return users;
  }

  @Override
  public Rows items() {
    return items;
  }

  @Override
  public void backward(Rows userGradients, Rows itemGradients, Gradients gradients) {
    propagation.average(userGradients, itemGradients);
    gradients.clear();
    Rows ofUsers = userHead.backward(userGradients, gradients); // [U, h]
    Rows ofItems = itemHead.backward(itemGradients, gradients); // [N, h]
    // The gradient of a user's mean is divided equally among its items.
    SparseRows usersOfItems = graph.usersOfItems();
    SparseProduct shares = SparseProduct.ofColumns(usersOfItems, inverseCounts, ofUsers);
    usersOfItems.split(
        (from, to) -> {
          for (int i = from; i < to; i++) {
            shares.addTo(ofItems, i);
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
