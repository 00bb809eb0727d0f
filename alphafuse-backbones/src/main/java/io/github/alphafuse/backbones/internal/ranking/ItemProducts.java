package io.github.alphafuse.backbones.internal.ranking;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.TopSelector;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Products of vectors with a table of item rows, in blocks of items, by the fused engine.
 *
 * <p>Threads take blocks of items for all vectors. The best items of a block are selected while its
 * scores are in a cache, so that many histories need no B x N matrix.
 *
 * <p>Legend: B vectors, N items, d width. Thread-safe except for {@link #close}.
 */
public final class ItemProducts implements ItemScores {
  /** The most items of a product, so that the scores of all vectors for a block stay in a cache. */
  private static final int BLOCK = 640;

  /** The number of items from whose scores those of the best ones are estimated. */
  private static final int SAMPLE = 512;

  /** The most vectors of a product. More vectors are divided into several batches. */
  private static final int MOST_VECTORS = 256;

  /**
   * The most vectors that are multiplied one by one while a block is in a cache (if it fits). Their
   * scores are the same as those of a single vector.
   */
  private static final int MOST_SINGLES = 8;

  /** The fewest products per thread. */
  private static final long LEAST = 1 << 22;

  /** The fewest vectors per thread in selection, and for estimates from the scores of blocks. */
  private static final int LEAST_VECTORS = 16;

  private final FloatMatrix table; // [N, d]
  private final FloatMatrix.View[] blocks; // [d, BLOCK] each, the last one fewer
  private final FloatMatrix.@Nullable View sample; // [d, SAMPLE], if the catalogue is large enough
  // Reused, because allocating memory outside the heap costs more than a small product.
  private final ConcurrentLinkedQueue<FloatMatrix> spareBatches = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<BlockScores> spareBlocks = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Shortlist> spareLists = new ConcurrentLinkedQueue<>();
  private final RequestBatcher<Single, TopItems> single;

  /**
   * Products with a copy of item rows.
   *
   * @param rows [N, d], float32
   */
  public ItemProducts(Tensor rows) {
    this(rows, Runtime.getRuntime().availableProcessors());
  }

  /** Products for up to a number of concurrent requests with one vector each. */
  ItemProducts(Tensor rows, int callers) {
    this.single = new RequestBatcher<>(callers, MOST_SINGLES, this::top);
    this.table = FloatMatrix.allocate(rows.shape(0), rows.shape(1));
    table.put(0, rows.floats(), 0, rows.size());
    this.blocks = new FloatMatrix.View[(table.rows() - 1) / BLOCK + 1];
    for (int k = 0; k < blocks.length; k++) {
      int end = Math.min(table.rows(), (k + 1) * BLOCK);
      blocks[k] = table.rows(k * BLOCK, end).transpose();
    }
    this.sample = hasSample() ? table.everyRow(0, itemCount() / SAMPLE, SAMPLE).transpose() : null;
  }

  @Override
  public int itemCount() {
    return table.rows();
  }

  private boolean hasSample() {
    return itemCount() >= 4 * SAMPLE;
  }

  /**
   * Copies an item's row.
   *
   * @param item the item
   * @param target the array that receives the row
   * @param at the index at which it starts there
   */
  public void row(int item, float[] target, int at) {
    table.get(item, target, at, table.columns());
  }

  @Override
  public Tensor rows(int[] items) {
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, items.length, table.columns());
    for (int i = 0; i < items.length; i++) {
      row(items[i], rows.floats(), i * table.columns());
    }
    return rows;
  }

  /** Receives the scores of a block of items for one vector, in the order of the vectors. */
  private interface Scores {
    void take(int thread, int vector, Block block);
  }

  /** Items at even distances from the first on, and their scores from the start of the array. */
  record Block(int first, int stride, int count, float[] scores) {}

  /** The scores of a block, and a buffer for those of one vector. */
  private static final class BlockScores implements AutoCloseable {
    private final FloatMatrix all; // [B, BLOCK] or more rows
    private final float[] row = new float[BLOCK];
    private FloatMatrix.View[] products = new FloatMatrix.View[0]; // of the last block

    BlockScores(int vectors) {
      this.all = FloatMatrix.allocate(vectors, BLOCK);
    }

    boolean holds(int vectors) {
      return vectors <= all.rows();
    }

    float[] row() {
      return row;
    }

    /** Multiplies the vectors of a batch with item rows. */
    void multiply(Batch batch, FloatMatrix.View items) {
      FloatMatrix.View[] factors = batch.factors();
      int count = items.rows();
      if (products.length != factors.length
          || products[0].rows() != factors[0].rows()
          || products[0].columns() != count) {
        products = factors(all, batch.count(), factors.length);
        Arrays.setAll(products, i -> products[i].columns(0, count));
      }
      for (int i = 0; i < factors.length; i++) {
        FloatMatrix.multiply(factors[i], items, products[i], false);
      }
    }

    /** Copies the scores of a vector to the start of the row. */
    void select(int vector) {
      all.get(vector, 0, row, products[0].columns());
    }

    @Override
    public void close() {
      all.close();
    }
  }

  /**
   * Vectors that are multiplied with a block together, and the index of the first one among all.
   *
   * @param factors all vectors [B, d], or a few of them one by one
   */
  private record Batch(FloatMatrix.View[] factors, int first, int count) {}

  /** The first rows of a matrix as factors, all together or one by one. */
  private static FloatMatrix.View[] factors(FloatMatrix matrix, int rows, int count) {
    FloatMatrix.View[] factors = new FloatMatrix.View[count];
    Arrays.setAll(factors, i -> matrix.rows(i * rows / count, (i + 1) * rows / count));
    return factors;
  }

  @Override
  public Tensor scores(Tensor vectors) {
    int items = itemCount();
    Tensor all = Tensor.zeros(ElementType.FLOAT32, vectors.shape(0), items);
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
  public TopItems[] top(Tensor vectors, int[][] histories, List<TopQuery> queries) {
    if (histories.length == 1) {
      Wanted only = new Wanted(histories[0], queries.get(0));
      return new TopItems[] {single.call(new Single(vectors, only))};
    }
    Wanted[] wanted = new Wanted[histories.length];
    Arrays.setAll(wanted, b -> new Wanted(histories[b], queries.get(b)));
    return top(vectors, wanted);
  }

  /** The query of a vector, which may leave out the items of its history. */
  private record Wanted(int[] history, TopQuery query) {
    int excluded() {
      return query.excludeSeen() ? history.length : 0;
    }

    TopSelector selector() {
      return new TopSelector(
          query.count(), query.excludeSeen() ? history : new int[0], query.allowed().orElse(null));
    }
  }

  /** One vector [1, d] and its query. */
  private record Single(Tensor vector, Wanted wanted) {}

  private List<TopItems> top(List<Single> singles) {
    Tensor vectors = Tensor.zeros(ElementType.FLOAT32, singles.size(), table.columns());
    Wanted[] wanted = new Wanted[singles.size()];
    for (int b = 0; b < wanted.length; b++) {
      copyRow(singles.get(b).vector(), 0, vectors, b);
      wanted[b] = singles.get(b).wanted();
    }
    return List.of(top(vectors, wanted));
  }

  private TopItems[] top(Tensor vectors, Wanted[] wanted) {
    TopItems[] best = new TopItems[wanted.length];
    boolean[] missed = select(vectors, wanted, new Selection(hasSample(), best));
    int[] again = IntStream.range(0, missed.length).filter(b -> missed[b]).toArray();
    if (again.length > 0) {
      Tensor theirs = Tensor.zeros(ElementType.FLOAT32, again.length, table.columns());
      Wanted[] wantedAgain = new Wanted[again.length];
      for (int i = 0; i < again.length; i++) {
        copyRow(vectors, again[i], theirs, i);
        wantedAgain[i] = wanted[again[i]];
      }
      TopItems[] found = new TopItems[again.length];
      select(theirs, wantedAgain, new Selection(false, found));
      for (int i = 0; i < again.length; i++) {
        best[again[i]] = found[i];
      }
    }
    return best;
  }

  private static void copyRow(Tensor source, int from, Tensor target, int to) {
    int dim = target.shape(1);
    System.arraycopy(source.floats(), from * dim, target.floats(), to * dim, dim);
  }

  /** Whether the worst scores of vectors are estimated, and the selectors of all vectors [B]. */
  private record Selection(boolean guess, TopItems[] best) {}

  /** Finds the best items, and returns the vectors whose estimate was too high. */
  private boolean[] select(Tensor vectors, Wanted[] wanted, Selection selection) {
    boolean[] missed = new boolean[wanted.length];
    inBatches(
        vectors,
        batch -> {
          int first = batch.first();
          Wanted[] theirs = Arrays.copyOfRange(wanted, first, first + batch.count());
          // For many vectors, each block is a sample of the catalogue, and the scores of the first
          // blocks show which scores may be skipped in the others. For a few vectors, memory access
          // dominates, so it is read in order.
          float[] shares = shares(theirs, selection.guess());
          boolean spread = batch.count() >= LEAST_VECTORS && anyGuessed(shares);
          float[] guesses = guesses(batch, spread ? new float[0] : shares);
          IntFunction<TopSelector> selectors = vector -> theirs[vector].selector();
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
                  TopSelector.Best best = selector.best();
                  selection.best()[first + b] = new TopItems(best.rows(), best.scores());
                  missed[first + b] = selector.isShort();
                }
              });
          for (Shortlist list : lists) {
            list.end();
            spareLists.add(list);
          }
        });
    return missed;
  }

  private Shortlist shortlist(int vectors) {
    Shortlist found = spareLists.poll();
    return found != null && found.holds(vectors) ? found : new Shortlist(vectors, BLOCK);
  }

  /**
   * The share of the catalogue that each vector wants, NaN if nothing is estimated from it. A
   * sample of all items is useless if less than half of them are allowed. Where more are, the best
   * allowed ones are found among more of all.
   */
  private float[] shares(Wanted[] wanted, boolean guess) {
    float[] shares = new float[wanted.length];
    for (int b = 0; b < shares.length; b++) {
      TopQuery query = wanted[b].query();
      double allowed = query.allowed().map(BitSet::cardinality).orElse(itemCount());
      shares[b] =
          guess && 2 * allowed >= itemCount()
              ? (float) (query.count() / allowed + (double) wanted[b].excluded() / itemCount())
              : Float.NaN;
    }
    return shares;
  }

  private static boolean anyGuessed(float[] shares) {
    for (float share : shares) {
      if (!Float.isNaN(share)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Estimates for each vector, from the scores of some items, a score that slightly more items
   * exceed than are wanted.
   */
  private float[] guesses(Batch batch, float[] shares) {
    float[] guesses = new float[batch.count()];
    Arrays.fill(guesses, Float.NaN);
    if (!anyGuessed(shares)) {
      return guesses;
    }
    BlockScores scores = blockScores(batch.count());
    scores.multiply(batch, requireNonNull(sample));
    for (int b = 0; b < guesses.length; b++) {
      if (!Float.isNaN(shares[b])) {
        scores.select(b);
        guesses[b] = TopSelector.guess(scores.row(), SAMPLE, shares[b] * SAMPLE);
      }
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
      FloatMatrix rows = batchRows(size);
      rows.put(0, vectors.floats(), from * dim, size * dim);
      consumer.accept(new Batch(factors(rows, size, size <= MOST_SINGLES ? size : 1), from, size));
      spareBatches.add(rows);
    }
  }

  private void multiply(Batch batch, boolean spread, Scores consumer) {
    int threads = threads(batch.count());
    TaskShares shares = new TaskShares(blocks.length, threads);
    Workers.run(
        threads,
        thread -> {
          BlockScores scores = blockScores(batch.count());
          for (int k = shares.take(thread); k != TaskShares.NONE; k = shares.take(thread)) {
            FloatMatrix.View items = spread ? everyRow(k) : blocks[k];
            Block block =
                spread
                    ? new Block(k, blocks.length, items.rows(), scores.row())
                    : new Block(k * BLOCK, 1, items.rows(), scores.row());
            scores.multiply(batch, items);
            for (int vector = 0; vector < batch.count(); vector++) {
              scores.select(vector);
              consumer.take(thread, vector, block);
            }
          }
          spareBlocks.add(scores);
        });
  }

  /** A block of items at even distances from the given one on. */
  private FloatMatrix.View everyRow(int first) {
    int stride = blocks.length;
    return table.everyRow(first, stride, (itemCount() - 1 - first) / stride + 1).transpose();
  }

  private FloatMatrix batchRows(int count) {
    FloatMatrix found = spareBatches.poll();
    if (found != null && found.rows() >= count) {
      return found;
    }
    if (found != null) {
      found.close();
    }
    return FloatMatrix.allocate(count, table.columns());
  }

  private BlockScores blockScores(int vectors) {
    BlockScores found = spareBlocks.poll();
    if (found != null && found.holds(vectors)) {
      return found;
    }
    if (found != null) {
      found.close();
    }
    return new BlockScores(vectors);
  }

  @Override
  public void close() {
    table.close();
    for (FloatMatrix rows = spareBatches.poll(); rows != null; rows = spareBatches.poll()) {
      rows.close();
    }
    for (BlockScores scores = spareBlocks.poll(); scores != null; scores = spareBlocks.poll()) {
      scores.close();
    }
    spareLists.clear();
  }
}
