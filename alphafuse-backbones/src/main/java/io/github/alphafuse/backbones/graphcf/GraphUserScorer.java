package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.internal.ranking.CallGate;
import io.github.alphafuse.backbones.internal.ranking.ItemScores;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.rows.Rows;

/** Scores of the users of a graph. Thread-safe. */
final class GraphUserScorer implements UserScorer {
  private final Rows users; // [U, d]
  private final ItemScores items;
  private final CallGate gate = new CallGate();

  GraphUserScorer(GraphEmbeddings embeddings) {
    this.users = Rows.of(embeddings.users());
    this.items = ItemScores.of(embeddings.items());
  }

  @Override
  public int userCount() {
    return users.count();
  }

  @Override
  public int itemCount() {
    return items.itemCount();
  }

  @Override
  public Tensor score(int[] numbers) {
    Rows vectors = Rows.zeros(users.elementType(), numbers.length, users.width());
    for (int b = 0; b < numbers.length; b++) {
      checkArgument(
          numbers[b] >= 0 && numbers[b] < userCount(),
          "user %s must lie in [0, %s), found %s",
          b,
          userCount(),
          numbers[b]);
      vectors.copy(b, users, numbers[b]);
    }
    return gate.whileOpen(() -> items.scores(vectors.toTensor()));
  }

  @Override
  public void close() {
    gate.close(items::close);
  }
}
