package io.github.alphafuse.backbones.loss;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The losses as graphs, and the pieces that they share.
 *
 * <p>Squares are products of a variable with itself, because the gradient of ND4J's square calls
 * pow for each number.
 *
 * <p>Legend: P targets, d embedding dimension, N items, K negatives.
 */
final class LossGraph {
  /** Squared, so that a length is at least 1e-12 and its root has a gradient at 0. */
  private static final double SQUARED_EPSILON = 1e-24;

  private LossGraph() {}

  /** {@link InfoNce}. */
  static GraphLoss infoNce(double temperature, int negatives) {
    return (graph, in) -> {
      SDVariable inverse = inverseLength(graph, in.user()).mul(1 / temperature); // [P, 1]
      SDVariable user = in.user().mul(inverse); // [P, d]
      SDVariable target = dots(user, in.target()).mul(inverseLength(graph, in.target())); // [P, 1]
      SDVariable others =
          candidateDots(graph, user, in.others().rows(), negatives)
              .mul(candidateInverseLength(graph, in.others().rows())); // [P, K]
      SDVariable logits = graph.concat(1, target, others); // [P, 1 + K]
      return logSumExp(graph, logits).sub(target); // [P, 1]
    };
  }

  /** {@link FullSoftmax}; a temperature of 0 leaves the inner products as they are. */
  static GraphLoss fullSoftmax(double temperature) {
    return (graph, in) -> {
      SDVariable user = in.user(); // [P, d]
      SDVariable target = in.target(); // [P, d]
      SDVariable items = in.others().rows(); // [N, d]
      if (temperature > 0) {
        user = user.mul(inverseLength(graph, user).mul(1 / temperature));
        target = target.mul(inverseLength(graph, target));
        items = items.mul(inverseLength(graph, items));
      }
      SDVariable logits = graph.mmul(user, items, false, true, false); // [P, N]
      SDVariable offset =
          in.others().offsets().isPresent() ? logits.add(in.others().offsets().get()) : logits;
      return logSumExp(graph, offset).sub(dots(user, target)); // [P, 1]
    };
  }

  /** {@link SampledSoftmax}. */
  static GraphLoss sampledSoftmax(double temperature) {
    return (graph, in) -> {
      SDVariable inverse = inverseLength(graph, in.user()).mul(1 / temperature); // [P, 1]
      SDVariable user = in.user().mul(inverse); // [P, d]
      SDVariable target = dots(user, in.target()).mul(inverseLength(graph, in.target())); // [P, 1]
      SDVariable rows = in.others().rows(); // [S, d]
      SDVariable units = rows.mul(inverseLength(graph, rows)); // [S, d]
      SDVariable others =
          graph
              .mmul(user, units, false, true, false)
              .add(in.others().offsets().orElseThrow()); // [P, S]
      SDVariable logits = graph.concat(1, target, others); // [P, 1 + S]
      return logSumExp(graph, logits).sub(target); // [P, 1]
    };
  }

  /** {@link BinaryCrossEntropy}. */
  static GraphLoss binaryCrossEntropy(int negatives) {
    return (graph, in) -> {
      SDVariable target = dots(in.user(), in.target()); // [P, 1]
      SDVariable others = candidateDots(graph, in.user(), in.others().rows(), negatives); // [P, K]
      return softplus(graph, target.neg())
          .add(meanOf(softplus(graph, others), negatives)); // [P, 1]
    };
  }

  /** The mean over negatives; ND4J fails to reduce an axis of length 1. */
  private static SDVariable meanOf(SDVariable losses, int negatives) {
    return negatives == 1 ? losses : losses.mean(true, 1); // [P, K] -> [P, 1]
  }

  /**
   * log(1 + e^x) = x/2 + |x|/2 + log(1 + e^-|x|), which cannot overflow and, unlike max(x, 0) in
   * the place of the first two, has its gradient of 1/2 at 0 as well.
   */
  private static SDVariable softplus(SameDiff graph, SDVariable x) {
    SDVariable size = graph.math().abs(x);
    SDVariable decay = graph.math().exp(size.neg());
    return x.add(size).mul(0.5).add(graph.math().log(decay.add(1.0)));
  }

  // One over lengths: the gradient of ND4J's division is wrong where the divisor is of length 1, as
  // it is for a batch of one example.

  /** The inverse Euclidean lengths of rows. */
  static SDVariable inverseLength(SameDiff graph, SDVariable rows) {
    SDVariable squares = rows.mul(rows).sum(true, 1); // [n, d] -> [n, 1]
    return graph.math().rsqrt(squares.add(SQUARED_EPSILON));
  }

  /** The inverse Euclidean lengths of candidates. */
  static SDVariable candidateInverseLength(SameDiff graph, SDVariable candidates) {
    SDVariable squares = candidates.mul(candidates).sum(2); // [P, K, d] -> [P, K]
    return graph.math().rsqrt(squares.add(SQUARED_EPSILON));
  }

  /** Inner products of matching rows. */
  static SDVariable dots(SDVariable a, SDVariable b) {
    return a.mul(b).sum(true, 1); // [P, d], [P, d] -> [P, 1]
  }

  /** Inner products of a row with its candidates, K of them. */
  static SDVariable candidateDots(
      SameDiff graph, SDVariable user, SDVariable candidates, int count) {
    if (count == 1) {
      // The gradient of a product [1, 1, d] x [1, d, 1], a batch of one example, fails in ND4J.
      return candidates.mul(graph.expandDims(user, 1)).sum(2); // [P, 1, d] -> [P, 1]
    }
    SDVariable column = graph.expandDims(user, 2); // [P, d, 1]
    return graph.squeeze(candidates.mmul(column), 2); // [P, K, d] x [P, d, 1] -> [P, K]
  }

  /** log sum exp of each row. Numbers are shifted to a maximum of 0, so it cannot overflow. */
  static SDVariable logSumExp(SameDiff graph, SDVariable logits) {
    // Not with ND4J's logSoftmax, which is the logarithm of a softmax and therefore -infinity if
    // that is 0.
    SDVariable largest = logits.max(true, 1); // [P, N] -> [P, 1]
    SDVariable sum = graph.math().exp(logits.sub(largest)).sum(true, 1); // [P, 1]
    return graph.math().log(sum).add(largest); // [P, 1]
  }
}
