package io.github.alphafuse.backbones.serve;

/**
 * The best of the items it is offered, kept in a heap whose root is the worst kept item.
 *
 * <p>Items of equal score rank by row. Not thread-safe.
 */
final class TopItems {
  private final int[] rows;
  private final double[] scores;
  private int size;

  TopItems(int capacity) {
    this.rows = new int[capacity];
    this.scores = new double[capacity];
  }

  void offer(int row, double score) {
    if (size < rows.length) {
      int at = size++;
      while (at > 0) {
        int parent = (at - 1) >>> 1;
        if (!worse(row, score, parent)) {
          break;
        }
        move(parent, at);
        at = parent;
      }
      set(at, row, score);
    } else if (!worse(row, score, 0)) {
      sift(row, score);
    }
  }

  private void sift(int row, double score) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && worse(rows[child + 1], scores[child + 1], child)) {
        child++;
      }
      if (worse(row, score, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    set(at, row, score);
  }

  /** Whether an item ranks below the one kept at a place. */
  private boolean worse(int row, double score, int place) {
    return score < scores[place] || (score == scores[place] && row > rows[place]);
  }

  private void move(int from, int to) {
    rows[to] = rows[from];
    scores[to] = scores[from];
  }

  private void set(int at, int row, double score) {
    rows[at] = row;
    scores[at] = score;
  }

  /** The kept items, best first; the heap is empty afterwards. */
  int[] rows() {
    int[] best = new int[size];
    for (int i = size - 1; i >= 0; i--) {
      best[i] = rows[0];
      size--;
      if (size > 0) {
        sift(rows[size], scores[size]);
      }
    }
    return best;
  }
}
