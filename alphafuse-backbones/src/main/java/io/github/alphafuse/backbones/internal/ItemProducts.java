package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.Workers;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Products of vectors with a table of item rows, in blocks of items, by the fused engine.
 *
 * <p>Each thread takes a run of blocks for all vectors; the scores of a block are selected from
 * while they are in a cache, so that the best items of many histories need no B x N matrix.
 *
 * <p>Legend: B vectors, N items, d width. Thread-safe but for {@link #close}.
 */
public final class ItemProducts implements AutoCloseable {
  /** Items of a product, at most. */
  private static final int BLOCK = 1 << 14;

  /** Vectors of a product, at most: beyond, they are taken in several batches. */
  private static final int MOST_VECTORS = 256;

  /** Scores that are looked at in a piece, while the nearest cache holds them. */
  private static final int PIECE = 2048;

  /** Products that are worth a thread of their own. */
  private static final long LEAST = 1 << 22;

  private final FloatMatrix table; // [N, d]
  // Used again: taking memory outside the heap costs more than a small product.
  private final ConcurrentLinkedQueue<FloatMatrix> spareBatches = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<FloatMatrix> spareBlocks = new ConcurrentLinkedQueue<>();

  /**
   * Products with a copy of item rows.
   *
   * @param rows [N, d], float32
   */
  public ItemProducts(Tensor rows) {
    this.table = FloatMatrix.allocate(rows.shape(0), rows.shape(1));
    table.put(0, rows.floats(), 0, rows.size());
  }

  /**
   * The number of items.
   *
   * @return N
   */
  public int itemCount() {
    return table.rows();
  }

  /**
   * Copies an item's row.
   *
   * @param item the item
   * @param target where the row goes
   * @param at where it starts there
   */
  public void row(int item, float[] target, int at) {
    table.get(item, target, at, table.columns());
  }

  /** Takes the scores of a block of items for one vector. */
  private interface Scores {
    void take(int run, int vector, Block block);
  }

  /** Items from the first on, and their scores from the start of the array. */
  private record Block(int first, int count, float[] scores) {}

  /**
   * Inner products of vectors with all item rows.
   *
   * @param vectors [B, d], float32
   * @return scores [B, N]
   */
  public Tensor scores(Tensor vectors) {
    int items = itemCount();
    Tensor all = Tensor.zeros(DataType.FLOAT, vectors.shape(0), items);
    float[] target = all.floats();
    forEach(
        vectors,
        runs(vectors.shape(0)),
        (run, vector, block) ->
            System.arraycopy(
                block.scores(), 0, target, vector * items + block.first(), block.count()));
    return all;
  }

  /**
   * The items with the largest inner products.
   *
   * @param vectors [B, d], float32
   * @param histories [B] item rows of the histories that may be left out
   * @param query how many are wanted, and which
   * @return [B] the best items of each vector
   */
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    int runs = runs(histories.length);
    TopSelector[][] selectors = new TopSelector[runs][histories.length];
    for (TopSelector[] ofRun : selectors) {
      for (int b = 0; b < histories.length; b++) {
        ofRun[b] = new TopSelector(query, histories[b]);
      }
    }
    forEach(
        vectors,
        runs,
        (run, vector, block) ->
            selectors[run][vector].offer(block.first(), block.scores(), block.count()));
    TopItems[] best = new TopItems[histories.length];
    for (int b = 0; b < best.length; b++) {
      for (int run = 1; run < runs; run++) {
        selectors[0][b].merge(selectors[run][b]);
      }
      best[b] = selectors[0][b].best();
    }
    return best;
  }

  private int runs(int vectors) {
    long work = (long) vectors * itemCount() * table.columns();
    return (int)
        Math.max(1, Math.min(Math.min(itemCount() / PIECE, Workers.count()), work / LEAST));
  }

  private void forEach(Tensor vectors, int runs, Scores consumer) {
    int count = vectors.shape(0);
    int dim = table.columns();
    for (int from = 0; from < count; from += MOST_VECTORS) {
      int size = Math.min(MOST_VECTORS, count - from);
      int first = from;
      FloatMatrix batch = take(spareBatches, size, dim);
      batch.put(0, vectors.floats(), from * dim, size * dim);
      Workers.run(
          runs,
          run ->
              run(
                  batch.rows(0, size),
                  new int[] {run, runs},
                  (of, vector, block) -> consumer.take(of, first + vector, block)));
      spareBatches.add(batch);
    }
  }

  private static FloatMatrix take(ConcurrentLinkedQueue<FloatMatrix> spare, int rows, int columns) {
    FloatMatrix found = spare.poll();
    if (found != null && found.rows() >= rows && found.columns() >= columns) {
      return found;
    }
    if (found != null) {
      found.close();
    }
    return FloatMatrix.allocate(rows, columns);
  }

  /** The run part[0] of part[1]. */
  private void run(FloatMatrix.View batch, int[] part, Scores consumer) {
    int start = (int) ((long) itemCount() * part[0] / part[1]);
    int end = (int) ((long) itemCount() * (part[0] + 1) / part[1]);
    int width = Math.min(BLOCK, end - start);
    FloatMatrix scores = take(spareBlocks, batch.rows(), width);
    float[] piece = new float[Math.min(PIECE, width)];
    for (int from = start; from < end; from += width) {
      int count = Math.min(width, end - from);
      FloatMatrix.multiply(
          batch,
          table.rows(from, from + count).transpose(),
          scores.rows(0, batch.rows()).columns(0, count),
          false);
      for (int vector = 0; vector < batch.rows(); vector++) {
        for (int at = 0; at < count; at += PIECE) {
          int length = Math.min(PIECE, count - at);
          scores.get(vector, at, piece, length);
          consumer.take(part[0], vector, new Block(from + at, length, piece));
        }
      }
    }
    spareBlocks.add(scores);
  }

  @Override
  public void close() {
    table.close();
    close(spareBatches);
    close(spareBlocks);
  }

  private static void close(ConcurrentLinkedQueue<FloatMatrix> spare) {
    for (FloatMatrix matrix = spare.poll(); matrix != null; matrix = spare.poll()) {
      matrix.close();
    }
  }
}
