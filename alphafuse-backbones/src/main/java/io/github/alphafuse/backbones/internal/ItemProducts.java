package io.github.alphafuse.backbones.internal;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Products of vectors with a table of item rows, in blocks of items, by the fused engine.
 *
 * <p>Threads take blocks of items for all vectors; the scores of a block are selected from while
 * they are in a cache, so that the best items of many histories need no B x N matrix.
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

  /** Vectors whose selection is worth a thread of its own, or its own guesses. */
  private static final int LEAST_VECTORS = 16;

  private final FloatMatrix table; // [N, d]
  // Used again: taking memory outside the heap costs more than a small product.
  private final ConcurrentLinkedQueue<FloatMatrix> spareBatches = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<FloatMatrix> spareBlocks = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Shortlist> spareLists = new ConcurrentLinkedQueue<>();

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

  /** Takes the scores of a block of items for one vector; vectors in order. */
  private interface Scores {
    void take(int thread, int vector, Block block);
  }

  /** Items from the first on at even distances, and their scores from the start of the array. */
  record Block(int first, int stride, int count, float[] scores) {}

  /** Vectors [count, d] that are multiplied at once, of which the first has a place among all. */
  private record Batch(FloatMatrix rows, int first, int count) {}

  @Override
  public Tensor scores(Tensor vectors) {
    int items = itemCount();
    Tensor all = Tensor.zeros(DataType.FLOAT, vectors.shape(0), items);
    float[] target = all.floats();
    inBatches(
        vectors,
        batch ->
            multiply(
                batch,
                false,
                (thread, vector, block) ->
                    System.arraycopy(
                        block.scores(),
                        0,
                        target,
                        (batch.first() + vector) * items + block.first(),
                        block.count())));
    return all;
  }

  @Override
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    // Of a few allowed items, a sample of all tells nothing.
    boolean guess = query.allowed().isEmpty() && itemCount() >= 4 * SAMPLE;
    TopItems[] best = new TopItems[histories.length];
    int[] missed = select(vectors, histories, new Selection(query, guess, best));
    if (missed.length > 0) {
      int dim = table.columns();
      Tensor again = Tensor.zeros(DataType.FLOAT, missed.length, dim);
      int[][] theirs = new int[missed.length][];
      for (int i = 0; i < missed.length; i++) {
        System.arraycopy(vectors.floats(), missed[i] * dim, again.floats(), i * dim, dim);
        theirs[i] = histories[missed[i]];
      }
      TopItems[] found = new TopItems[missed.length];
      select(again, theirs, new Selection(query, false, found));
      for (int i = 0; i < missed.length; i++) {
        best[missed[i]] = found[i];
      }
    }
    return best;
  }

  /** What is wanted of each vector [B], whether its worst score is guessed, and what was found. */
  private record Selection(TopQuery query, boolean guess, TopItems[] best) {}

  /** Finds the best items, but of those vectors [..] for which the guess was too high. */
  private int[] select(Tensor vectors, int[][] histories, Selection selection) {
    boolean[] missed = new boolean[histories.length];
    inBatches(
        vectors,
        batch -> {
          // Many vectors: each block is a sample of the catalogue, and the scores of the first ones
          // tell what may be passed over in the others. For a few, memory is the cost, and reading
          // it in order comes first.
          boolean spread = selection.guess() && batch.count() >= LEAST_VECTORS;
          int first = batch.first();
          int[][] theirs = Arrays.copyOfRange(histories, first, first + batch.count());
          float[] shares = shares(theirs, selection.query());
          float[] guesses = guesses(batch, shares, selection.guess() && !spread);
          IntFunction<TopSelector> selectors =
              vector -> new TopSelector(selection.query(), theirs[vector]);
          Shortlist[] lists = new Shortlist[threads(batch.count())];
          for (int thread = 0; thread < lists.length; thread++) {
            lists[thread] = shortlist(batch.count());
            lists[thread].begin(guesses, spread ? shares : new float[0], selectors);
          }
          multiply(batch, spread, (thread, vector, block) -> lists[thread].collect(vector, block));
          Workers.split(
              batch.count(),
              LEAST_VECTORS,
              (from, to) -> {
                for (int b = from; b < to; b++) {
                  TopSelector selector = Shortlist.merge(lists, b);
                  selection.best()[first + b] = selector.best();
                  missed[first + b] = selector.isShort();
                }
              });
          for (Shortlist list : lists) {
            list.end();
            spareLists.add(list);
          }
        });
    return IntStream.range(0, missed.length).filter(b -> missed[b]).toArray();
  }

  private Shortlist shortlist(int vectors) {
    Shortlist found = spareLists.poll();
    return found != null && found.holds(vectors) ? found : new Shortlist(vectors, BLOCK);
  }

  /** The share of the catalogue that is wanted of each vector. */
  private float[] shares(int[][] histories, TopQuery query) {
    float[] shares = new float[histories.length];
    for (int b = 0; b < shares.length; b++) {
      int excluded = query.excludeSeen() ? histories[b].length : 0;
      shares[b] = (float) ((double) (query.count() + excluded) / itemCount());
    }
    return shares;
  }

  /** For each vector a score that a few more items exceed than are wanted, from some items' own. */
  private float[] guesses(Batch batch, float[] shares, boolean wanted) {
    int count = batch.count();
    float[] guesses = new float[count];
    if (!wanted) {
      Arrays.fill(guesses, Float.NaN);
      return guesses;
    }
    FloatMatrix scores = take(spareBlocks, count, BLOCK);
    FloatMatrix.multiply(
        batch.rows().rows(0, count),
        table.everyRow(0, itemCount() / SAMPLE, SAMPLE).transpose(),
        scores.rows(0, count).columns(0, SAMPLE),
        false);
    float[] sample = new float[SAMPLE];
    for (int b = 0; b < count; b++) {
      scores.get(b, 0, sample, SAMPLE);
      guesses[b] = TopSelector.guess(sample, SAMPLE, shares[b] * SAMPLE);
    }
    spareBlocks.add(scores);
    return guesses;
  }

  private int threads(int vectors) {
    long work = (long) vectors * itemCount() * table.columns();
    return (int)
        Math.max(1, Math.min(Math.min(itemCount() / BLOCK, Workers.count()), work / LEAST));
  }

  private void inBatches(Tensor vectors, Consumer<Batch> consumer) {
    int count = vectors.shape(0);
    int dim = table.columns();
    for (int from = 0; from < count; from += MOST_VECTORS) {
      int size = Math.min(MOST_VECTORS, count - from);
      FloatMatrix batch = take(spareBatches, size, dim);
      batch.put(0, vectors.floats(), from * dim, size * dim);
      consumer.accept(new Batch(batch, from, size));
      spareBatches.add(batch);
    }
  }

  private void multiply(Batch batch, boolean spread, Scores consumer) {
    int blocks = (itemCount() - 1) / BLOCK + 1;
    int threads = threads(batch.count());
    TaskShares shares = new TaskShares(blocks, threads);
    Workers.run(
        threads,
        thread -> {
          FloatMatrix scores = take(spareBlocks, batch.count(), BLOCK);
          float[] row = new float[BLOCK];
          for (int k = shares.take(thread); k != TaskShares.NONE; k = shares.take(thread)) {
            Block block =
                spread
                    ? new Block(k, blocks, (itemCount() - 1 - k) / blocks + 1, row)
                    : new Block(k * BLOCK, 1, Math.min(BLOCK, itemCount() - k * BLOCK), row);
            FloatMatrix.multiply(
                batch.rows().rows(0, batch.count()),
                table.everyRow(block.first(), block.stride(), block.count()).transpose(),
                scores.rows(0, batch.count()).columns(0, block.count()),
                false);
            for (int vector = 0; vector < batch.count(); vector++) {
              scores.get(vector, 0, row, block.count());
              consumer.take(thread, vector, block);
            }
          }
          spareBlocks.add(scores);
        });
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

  @Override
  public void close() {
    table.close();
    close(spareBatches);
    close(spareBlocks);
    spareLists.clear();
  }

  private static void close(ConcurrentLinkedQueue<FloatMatrix> spare) {
    for (FloatMatrix matrix = spare.poll(); matrix != null; matrix = spare.poll()) {
      matrix.close();
    }
  }
}
