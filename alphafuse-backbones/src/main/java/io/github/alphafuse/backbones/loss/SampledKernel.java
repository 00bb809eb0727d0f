package io.github.alphafuse.backbones.loss;

/**
 * A loss of a user vector against its candidates in closed form: value and gradient of one example,
 * for the fused engine.
 *
 * <p>The gradient of a candidate's row is {@code ofUser u + ofRow row}. Implementations are
 * immutable and thread-safe.
 */
public interface SampledKernel {

  /**
   * Computes one example.
   *
   * @param example the example; its gradients are overwritten
   * @return the loss of the example, a summand of the batch's mean
   */
  double apply(Example example);

  /**
   * A user vector, its candidates and the gradients of both, in buffers that are used again.
   *
   * <p>Legend: d embedding dimension, C = 1 + K candidates, the target first. Not thread-safe.
   */
  final class Example {
    final int dim;
    final int candidates;
    final int batch;
    final float[] user;
    final float[] rows;
    final float[] userGradient;
    final float[] ofUser;
    final float[] ofRow;
    final float[] inverse;
    final float[] logits;

    /**
     * Buffers of an example.
     *
     * @param dim d
     * @param candidates C
     * @param batch B, the examples over which the loss is averaged
     */
    public Example(int dim, int candidates, int batch) {
      this.dim = dim;
      this.candidates = candidates;
      this.batch = batch;
      this.user = new float[dim];
      this.rows = new float[candidates * dim];
      this.userGradient = new float[dim];
      this.ofUser = new float[candidates];
      this.ofRow = new float[candidates];
      this.inverse = new float[candidates];
      this.logits = new float[candidates];
    }

    /**
     * The user vector.
     *
     * @return [d], to be filled
     */
    public float[] user() {
      return user;
    }

    /**
     * The candidates' rows.
     *
     * @return [C, d], to be filled, the target first
     */
    public float[] rows() {
      return rows;
    }

    /**
     * The gradient of the user vector.
     *
     * @return [d]
     */
    public float[] userGradient() {
      return userGradient;
    }

    /**
     * The multiples of the user vector in the gradients of the rows.
     *
     * @return [C]
     */
    public float[] ofUser() {
      return ofUser;
    }

    /**
     * The multiples of a candidate's own row in its gradient.
     *
     * @return [C]
     */
    public float[] ofRow() {
      return ofRow;
    }
  }
}
