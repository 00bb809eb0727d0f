package io.github.alphafuse.core.embedding;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.alphafuse.core.Tensor;

/**
 * Gradients of the rows of candidate items, each a multiple of its example's vector and of the row
 * itself: what a loss of inner products or cosines gives, at two numbers a row instead of d.
 *
 * <pre>
 * gradient of candidate c of example b = ofVector[b, c] vectors[b] + ofRow[b, c] row(ids[b, c])
 * </pre>
 *
 * <p>Legend: B examples, C candidates an example, d embedding dimension. The arrays are not copied;
 * not thread-safe.
 *
 * @param ids [B, C] item rows
 * @param perExample C
 * @param vectors [B, d] or more rows
 * @param ofVector [B, C] or more rows, multiples of the example's vector
 * @param ofRow [B, C] or more rows, multiples of the candidate's own row
 */
public record CandidateGradients(
    int[] ids, int perExample, Tensor vectors, float[] ofVector, float[] ofRow) {
  /**
   * Checks that the parts fit each other.
   *
   * @param ids [B, C] item rows
   * @param perExample C
   * @param vectors [B, d] or more rows
   * @param ofVector [B, C] or more rows, multiples of the example's vector
   * @param ofRow [B, C] or more rows, multiples of the candidate's own row
   * @throws IllegalArgumentException if they are not for as many candidates
   */
  public CandidateGradients {
    checkArgument(perExample >= 1, "perExample must be at least 1, found %s", perExample);
    checkArgument(
        ids.length % perExample == 0 && ofVector.length >= ids.length && ofRow.length >= ids.length,
        "ids, ofVector and ofRow must be for as many candidates, found %s, %s and %s",
        ids.length,
        ofVector.length,
        ofRow.length);
    checkArgument(
        vectors.rank() == 2 && vectors.shape(0) >= ids.length / perExample,
        "vectors must be for %s examples, found %s",
        ids.length / perExample,
        vectors);
  }

  /** d. */
  int dim() {
    return vectors.shape(1);
  }
}
