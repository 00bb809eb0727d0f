package io.github.alphafuse.backbones.data;

/**
 * A batch of examples with histories of one length: B histories of L items, padded on the left with
 * the row N, and P targets.
 *
 * <p>Under {@link Positions#LAST} there is one target per history, P = B. Under {@link
 * Positions#EVERY} there is one per position that holds an item, example by example and oldest
 * first. It is the item that follows.
 *
 * <p>For speed, the arrays are not copied: treat them as read-only. They are not shared with {@link
 * Examples}. Thread-safe while nobody writes to them.
 */
public final class PaddedBatch {
  private final int[] histories;
  private final int[] targets;
  private final int length;
  private final int padding;
  private final Positions positions;

  /** The histories and targets of some positions. */
  record Arrays(int[] histories, int[] targets, Positions positions) {}

  PaddedBatch(Arrays arrays, int length, int padding) {
    this.histories = arrays.histories;
    this.targets = arrays.targets;
    this.positions = arrays.positions;
    this.length = histories.length == 0 ? 0 : length;
    this.padding = padding;
  }

  /**
   * The number of examples B.
   *
   * @return the batch size
   */
  public int size() {
    return length == 0 ? 0 : histories.length / length;
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
   * The positions that have targets.
   *
   * @return the last ones or all
   */
  public Positions positions() {
    return positions;
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
   * @return the array itself, of shape [P]
   */
  public int[] targets() {
    return targets;
  }

  /**
   * The indices of the targets' positions in {@link #histories()}.
   *
   * @return [P], ascending
   */
  public int[] places() {
    int[] places = new int[targets.length];
    int count = 0;
    for (int i = 0; i < histories.length; i++) {
      boolean taken = positions == Positions.LAST ? (i + 1) % length == 0 : histories[i] != padding;
      if (taken) {
        places[count++] = i;
      }
    }
    return places;
  }

  /**
   * The shape of the batch.
   *
   * @return for example {@code PaddedBatch[256 x 10, padding 16859]}
   */
  @Override
  public String toString() {
    return "PaddedBatch["
        + size()
        + " x "
        + length
        + ", padding "
        + padding
        + (positions == Positions.LAST ? "" : ", " + targets.length + " targets")
        + "]";
  }
}
