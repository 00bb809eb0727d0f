package io.github.alphafuse.backbones.graphcf;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.rows.Rows;

/** The vectors of LightGCN: trained tables, propagated. Not thread-safe. */
final class LookUpEncoder implements GraphEncoder {
  private final Tensor userTable;
  private final Tensor itemTable;
  private final Propagation propagation;
  private final Rows users;
  private final Rows items;

  LookUpEncoder(LightGcn model, int layers) {
    this.userTable = model.userTable();
    this.itemTable = model.itemTable();
    this.propagation = new Propagation(model.graph(), layers);
    this.users = Rows.zeros(model.elementType(), userTable.shape(0), userTable.shape(1));
    this.items = Rows.zeros(model.elementType(), itemTable.shape(0), itemTable.shape(1));
  }

  @Override
  public void forward() {
    users.copyFrom(Rows.of(userTable));
    items.copyFrom(Rows.of(itemTable));
    propagation.average(users, items);
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
    // The propagation is symmetric, so its transpose is itself.
    propagation.average(userGradients, itemGradients);
    Rows.of(gradients.get(LightGcn.USER_TABLE)).copyFrom(userGradients);
    Rows.of(gradients.get(LightGcn.ITEM_TABLE)).copyFrom(itemGradients);
  }

  @Override
  public void close() {}
}
