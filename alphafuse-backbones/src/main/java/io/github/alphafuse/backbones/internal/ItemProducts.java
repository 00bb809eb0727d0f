package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Products of vectors with a table of item rows, in blocks of items, by the fused engine.
 *
 * <p>Each thread takes a run of blocks for all vectors; the scores of a block are selected from
 * while they are in a cache, so that the best items of many histories need no B x N matrix.
 *
 * <p>Legend: B vectors, N items, d width. Thread-safe but for {@link #close}.
 */
public final class ItemProducts implements ItemScores {
  /** Items of a product, at most: the scores of all vectors for a block stay in a cache. */
  private static final int BLOCK = 640;

  /** Items whose scores the best ones' are guessed from. */
  private static final int SAMPLE = 512;

  /** Vectors of a product, at most: beyond, they are taken in several batches. */
  private static final int MOST_VECTORS = 256;

  /** Products that are worth a thread of their own. */
  private static final long LEAST = 1 << 22;

  /** Vectors whose selection is worth a thread of its own. */
  private static final int LEAST_VECTORS = 16;

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

  @Override
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

  @Override
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    float[] guesses = guesses(vectors, histories, query);
    TopItems[] best = new TopItems[histories.length];
    int[] missed = select(vectors, histories, new Selection(query, guesses, best));
    if (missed.length > 0) {
      int dim = table.columns();
      Tensor again = Tensor.zeros(DataType.FLOAT, missed.length, dim);
      int[][] theirs = new int[missed.length][];
      for (int i = 0; i < missed.length; i++) {
        System.arraycopy(vectors.floats(), missed[i] * dim, again.floats(), i * dim, dim);
        theirs[i] = histories[missed[i]];
      }
      float[] none = new float[missed.length];
      Arrays.fill(none, Float.NaN);
      TopItems[] found = new TopItems[missed.length];
      select(again, theirs, new Selection(query, none, found));
      for (int i = 0; i < missed.length; i++) {
        best[missed[i]] = found[i];
      }
    }
    return best;
  }

  /** What is wanted of each vector [B], above which score it is looked for, and what was found. */
  private record Selection(TopQuery query, float[] guesses, TopItems[] best) {}

  /** Finds the best items, but of those vectors [..] for which the guess was too high. */
  private int[] select(Tensor vectors, int[][] histories, Selection selection) {
    int runs = runs(histories.length);
    TopSelector[][] selectors = new TopSelector[runs][histories.length];
    for (TopSelector[] ofRun : selectors) {
      for (int b = 0; b < histories.length; b++) {
        ofRun[b] = new TopSelector(selection.query(), histories[b]);
        ofRun[b].passOver(selection.guesses()[b]);
      }
    }
    forEach(
        vectors,
        runs,
        (run, vector, block) ->
            selectors[run][vector].offer(block.first(), block.scores(), block.count()));
    Workers.split(
        histories.length,
        LEAST_VECTORS,
        (from, to) -> {
          for (int b = from; b < to; b++) {
            for (int run = 1; run < runs; run++) {
              selectors[0][b].merge(selectors[run][b]);
            }
            selection.best()[b] = selectors[0][b].best();
          }
        });
    return IntStream.range(0, histories.length).filter(b -> selectors[0][b].isShort()).toArray();
  }

  /** For each vector a score that a few more items exceed than are wanted, from some items' own. */
  private float[] guesses(Tensor vectors, int[][] histories, TopQuery query) {
    int count = vectors.shape(0);
    float[] guesses = new float[count];
    Arrays.fill(guesses, Float.NaN);
    // Of a few allowed items, a sample of all tells nothing.
    if (query.allowed().isPresent() || itemCount() < 4 * SAMPLE) {
      return guesses;
    }
    int dim = table.columns();
    FloatMatrix batch = take(spareBatches, count, dim);
    FloatMatrix scores = take(spareBlocks, count, SAMPLE);
    batch.put(0, vectors.floats(), 0, count * dim);
    Workers.split(
        count,
        LEAST_VECTORS,
        (from, to) -> {
          FloatMatrix.multiply(
              batch.rows(from, to),
              table.everyRow(itemCount() / SAMPLE, SAMPLE).transpose(),
              scores.rows(from, to).columns(0, SAMPLE),
              false);
          float[] sample = new float[SAMPLE];
          for (int b = from; b < to; b++) {
            scores.get(b, 0, sample, SAMPLE);
            int excluded = query.excludeSeen() ? histories[b].length : 0;
            guesses[b] =
                TopSelector.guess(sample, (double) (query.count() + excluded) / itemCount());
          }
        });
    spareBatches.add(batch);
    spareBlocks.add(scores);
    return guesses;
  }

  private int runs(int vectors) {
    long work = (long) vectors * itemCount() * table.columns();
    return (int)
        Math.max(1, Math.min(Math.min(itemCount() / BLOCK, Workers.count()), work / LEAST));
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
    float[] row = new float[width];
    for (int from = start; from < end; from += width) {
      int count = Math.min(width, end - from);
      FloatMatrix.multiply(
          batch,
          table.rows(from, from + count).transpose(),
          scores.rows(0, batch.rows()).columns(0, count),
          false);
      for (int vector = 0; vector < batch.rows(); vector++) {
        scores.get(vector, 0, row, count);
        consumer.take(part[0], vector, new Block(from, count, row));
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
