package io.github.alphafuse.backbones.data;

/**
 * A batch of examples with histories of one length: B histories of L items, padded on the left with
 * the row N, and B targets.
 *
 * <p>The arrays are the batch's own and not copied, for speed: treat them as read-only. Not shared
 * with {@link Examples}, and so thread-safe while nobody writes to them.
 */
public final class PaddedBatch {
  private final int[] histories;
  private final int[] targets;
  private final int length;
  private final int padding;

  PaddedBatch(int[] histories, int[] targets, int padding) {
    this.histories = histories;
    this.targets = targets;
    this.length = targets.length == 0 ? 0 : histories.length / targets.length;
    this.padding = padding;
  }

  /**
   * The number of examples B.
   *
   * @return the batch size
   */
  public int size() {
    return targets.length;
  }

  /**
   * The padded length L of a history.
   *
   * @return the number of positions; 0 for a batch without examples
   */
  public int length() {
    return length;
  }

  /**
   * The padding row.
   *
   * @return the number of items N
   */
  public int padding() {
    return padding;
  }

  /**
   * The histories, example by example, oldest item first; the newest item is at the end of each.
   *
   * @return the array itself, of shape [B, L]
   */
  public int[] histories() {
    return histories;
  }

  /**
   * The targets.
   *
   * @return the array itself, of shape [B]
   */
  public int[] targets() {
    return targets;
  }

  /**
   * The shape of the batch.
   *
   * @return for example {@code PaddedBatch[256 x 10, padding 16859]}
   */
  @Override
  public String toString() {
    return "PaddedBatch[" + size() + " x " + length + ", padding " + padding + "]";
  }
}
