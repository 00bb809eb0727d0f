package io.github.alphafuse.backbones.internal.encoder;

/**
 * The positions of the items of a batch of histories, as rows one after another without padding.
 *
 * <p>Legend: B examples, R rows.
 */
final class FusedRows {
  private final int[] start; // [B + 1], the first row of each example
  private final int[] item; // [R]
  private final int[] position; // [R]
  private int size;

  FusedRows(int examples, int rows) {
    this.start = new int[examples + 1];
    this.item = new int[rows];
    this.position = new int[rows];
  }

  void clear() {
    size = 0;
    start[0] = 0;
  }

  /** Adds a row to the current example. */
  void add(int rowItem, int rowPosition) {
    int row = start[size + 1];
    item[row] = rowItem;
    position[row] = rowPosition;
    start[size + 1] = row + 1;
  }

  /** Begins the next example. */
  void begin() {
    start[size + 1] = start[size];
  }

  /** Ends the example. */
  void end() {
    size++;
  }

  int size() {
    return size;
  }

  int capacity() {
    return start.length - 1;
  }

  int rowCapacity() {
    return item.length;
  }

  int rows() {
    return start[size];
  }

  int start(int example) {
    return start[example];
  }

  int end(int example) {
    return start[example + 1];
  }

  int item(int row) {
    return item[row];
  }

  int position(int row) {
    return position[row];
  }
}
