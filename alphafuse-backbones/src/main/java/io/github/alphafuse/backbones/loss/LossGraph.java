package io.github.alphafuse.backbones.loss;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The operations that losses share.
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

  // Lengths are inverted, because the gradient of ND4J's division is wrong if the divisor has
  // length 1, as for a batch of one example.

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
