package io.github.alphafuse.backbones.graphcf;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.internal.Workers;
import io.github.alphafuse.core.internal.rows.Rows;
import java.util.random.RandomGenerator;

/**
 * The loss of pairs over the vectors of a graph encoder, with its gradient in closed form.
 *
 * <p>The derivatives with respect to the scores form a sparse matrix G [B, N] with 1 + K numbers
 * per row. The gradient of the users' vectors is G times the items' vectors, and that of the items'
 * vectors is G' times the users'. Neither of these sparse products writes a row from two threads.
 *
 * <p>Legend: B pairs, K negatives, C = 1 + K candidates, U users, N items, d width. Not
 * thread-safe.
 */
final class PairObjective implements Objective<PairBatch> {
  /** The fewest pairs per thread. */
  private static final int LEAST = 16;

  private final GraphEncoder encoder;
  private final PairLoss loss;
  private final EgoDecay decay;
  private final Rows userGradients; // [U, d]
  private final Rows itemGradients; // [N, d]

  PairObjective(GraphEncoder encoder, PairLoss loss, EgoDecay decay) {
    this.encoder = encoder;
    this.loss = loss;
    this.decay = decay;
    Rows users = encoder.users();
    Rows items = encoder.items();
    this.userGradients = Rows.zeros(users.elementType(), users.count(), users.width());
    this.itemGradients = Rows.zeros(items.elementType(), items.count(), items.width());
  }

  /** A term of the loss over only the weights of a batch's nodes. */
  @FunctionalInterface
  interface EgoDecay {
    /** No such term. */
    EgoDecay NONE = (batch, gradients) -> 0;

    /** Computes the term and adds its gradients. */
    double add(PairBatch batch, Gradients gradients);
  }

  @Override
  public int negatives() {
    return loss.negatives();
  }

  @Override
  public double gradients(PairBatch batch, RandomGenerator random, Gradients gradients) {
    check(batch);
    encoder.forward();
    Rows items = encoder.items();
    UnitRows unitItems = new UnitRows(items, loss.similarity());
    items.split(unitItems::normalize);
    int size = batch.size();
    Rows users = Rows.zeros(items.elementType(), size, items.width());
    Rows ofUsers = Rows.zeros(items.elementType(), size, items.width());
    UnitRows unitUsers = new UnitRows(users, loss.similarity());
    int[] columns = candidates(batch);
    int width = 1 + loss.negatives();
    SparseRows places = SparseRows.ofEqualRows(columns, width);
    double[] derivatives = new double[columns.length];
    SparseProduct userProduct = SparseProduct.ofPlaces(places, derivatives, items);
    double[] losses = new double[size];
    Workers.split(
        size,
        LEAST,
        (from, to) -> {
          double[] scores = new double[width];
          double[] gradient = new double[width];
          for (int b = from; b < to; b++) {
            users.copy(b, encoder.users(), batch.users()[b]);
            unitUsers.normalize(b, b + 1);
            for (int c = 0; c < width; c++) {
              scores[c] = users.dot(b, items, columns[b * width + c]);
            }
            losses[b] = loss.apply(scores, gradient);
            for (int c = 0; c < width; c++) {
              derivatives[b * width + c] = gradient[c] / size;
            }
            userProduct.addTo(ofUsers, b);
            unitUsers.backward(b, ofUsers);
          }
        });
    SparseRows.Transpose transpose = places.transpose(items.count());
    double[] turned = new double[derivatives.length];
    Workers.split(
        turned.length,
        1 << 16,
        (from, to) -> {
          for (int e = from; e < to; e++) {
            turned[e] = derivatives[transpose.places()[e]];
          }
        });
    SparseProduct itemProduct = SparseProduct.ofPlaces(transpose.rows(), turned, users);
    transpose
        .rows()
        .split(
            (from, to) -> {
              for (int i = from; i < to; i++) {
                itemGradients.clear(i);
                itemProduct.addTo(itemGradients, i);
                unitItems.backward(i, itemGradients);
              }
            });
    userGradients.clear();
    for (int b = 0; b < size; b++) {
      userGradients.addScaled(batch.users()[b], 1, ofUsers, b);
    }
    encoder.backward(userGradients, itemGradients, gradients);
    double total = 0;
    for (double value : losses) {
      total += value;
    }
    return total / size + decay.add(batch, gradients);
  }

  private void check(PairBatch batch) {
    checkArgument(
        batch.negativesPerPair() == loss.negatives(),
        "a pair must have %s negatives, found %s",
        loss.negatives(),
        batch.negativesPerPair());
    requireRange("user", batch.users(), encoder.users().count());
    requireRange("positive", batch.positives(), encoder.items().count());
    requireRange("negative", batch.negatives(), encoder.items().count());
  }

  private static void requireRange(String name, int[] rows, int count) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= count) {
        throw new IllegalArgumentException(
            name + " " + i + " must lie in [0, " + count + "), found " + rows[i]);
      }
    }
  }

  /** [B, C], the positive first. */
  private static int[] candidates(PairBatch batch) {
    int negatives = batch.negativesPerPair();
    int[] columns = new int[Math.multiplyExact(batch.size(), 1 + negatives)];
    for (int b = 0; b < batch.size(); b++) {
      columns[b * (1 + negatives)] = batch.positives()[b];
      System.arraycopy(
          batch.negatives(), b * negatives, columns, b * (1 + negatives) + 1, negatives);
    }
    return columns;
  }

  @Override
  public void close() {
    encoder.close();
  }
}
