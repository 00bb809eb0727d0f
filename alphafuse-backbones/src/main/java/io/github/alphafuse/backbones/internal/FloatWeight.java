package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.Workers;

/**
 * A weight [out, in] on the Java heap, and its copy for products.
 *
 * <p>Not thread-safe while it is refreshed.
 */
public final class FloatWeight implements AutoCloseable {
  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 17;

  private final Tensor live;
  private final FloatMatrix copy;

  /**
   * A weight and a copy of its numbers.
   *
   * @param live the weight [out, in], float32
   */
  public FloatWeight(Tensor live) {
    this.live = live;
    this.copy = FloatMatrix.allocate(live.shape(0), live.shape(1));
    refresh();
  }

  /** Copies the live numbers. */
  public void refresh() {
    int columns = copy.columns();
    float[] values = live.floats();
    Workers.split(
        copy.rows(),
        Math.max(1, LEAST / columns),
        (from, to) -> copy.put(from, values, from * columns, (to - from) * columns));
  }

  /**
   * The copy.
   *
   * @return [out, in]
   */
  public FloatMatrix matrix() {
    return copy;
  }

  @Override
  public void close() {
    copy.close();
  }
}
