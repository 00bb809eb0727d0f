package io.github.alphafuse.backbones.loss;

import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The pieces that losses share.
 *
 * <p>Squares are products of a variable with itself: the gradient of ND4J's square calls pow for
 * each number.
 *
 * <p>Legend: B batch, d embedding dimension, N items, K negatives.
 */
final class LossGraph {
  /** Squared, so that a length is at least 1e-12 and its root has a gradient at 0. */
  private static final double SQUARED_EPSILON = 1e-24;

  private LossGraph() {}

  /** Euclidean lengths of rows. */
  static SDVariable length(SameDiff graph, SDVariable rows) {
    SDVariable squares = rows.mul(rows).sum(true, 1); // [n, d] -> [n, 1]
    return graph.math().sqrt(squares.add(SQUARED_EPSILON));
  }

  /** Euclidean lengths of candidates. */
  static SDVariable candidateLength(SameDiff graph, SDVariable candidates) {
    SDVariable squares = candidates.mul(candidates).sum(2); // [B, K, d] -> [B, K]
    return graph.math().sqrt(squares.add(SQUARED_EPSILON));
  }

  /** Inner products of matching rows. */
  static SDVariable dots(SDVariable a, SDVariable b) {
    return a.mul(b).sum(true, 1); // [B, d], [B, d] -> [B, 1]
  }

  /** Inner products of a row with its candidates. */
  static SDVariable candidateDots(SameDiff graph, SDVariable user, SDVariable candidates) {
    SDVariable column = graph.expandDims(user, 2); // [B, d, 1]
    return graph.squeeze(candidates.mmul(column), 2); // [B, K, d] x [B, d, 1] -> [B, K]
  }

  /** log sum exp of each row, as x_0 - logSoftmax(x)_0, which cannot overflow. */
  static SDVariable logSumExp(SameDiff graph, SDVariable logits) {
    SDVariable normalised = graph.nn().logSoftmax(logits); // [B, N]
    return firstColumn(logits).sub(firstColumn(normalised)); // [B, 1]
  }

  static SDVariable firstColumn(SDVariable matrix) {
    return matrix.get(SDIndex.all(), SDIndex.interval(0, 1)); // [B, N] -> [B, 1]
  }
}
