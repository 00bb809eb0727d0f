package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;

/** The vectors of LightGCN: trained tables, propagated. Not thread-safe. */
final class LookUpEncoder implements GraphEncoder {
  private final Tensor userTable;
  private final Tensor itemTable;
  private final Propagation propagation;
  private final NodeRows users;
  private final NodeRows items;

  LookUpEncoder(LightGcn model, int layers) {
    this.userTable = model.userTable();
    this.itemTable = model.itemTable();
    this.propagation = new Propagation(model.graph(), layers);
    this.users = NodeRows.zeros(model.elementType(), userTable.shape(0), userTable.shape(1));
    this.items = NodeRows.zeros(model.elementType(), itemTable.shape(0), itemTable.shape(1));
  }

  @Override
  public void forward() {
    users.read(userTable);
    items.read(itemTable);
    propagation.average(users, items);
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
    // The propagation is symmetric, so its transpose is itself.
    propagation.average(userGradients, itemGradients);
    userGradients.write(gradients.get(LightGcn.USER_TABLE));
    itemGradients.write(gradients.get(LightGcn.ITEM_TABLE));
  }

  @Override
  public void close() {}
}
