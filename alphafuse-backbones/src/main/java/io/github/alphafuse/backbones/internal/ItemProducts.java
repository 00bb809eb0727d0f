package io.github.alphafuse.backbones.internal;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.TopSelector;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.FloatMatrix;
import io.github.alphafuse.core.internal.TaskShares;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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

  /**
   * Vectors, at most, that are multiplied one by one while a block is in a cache (if it fits): the
   * scores of each are those that it has alone.
   */
  private static final int MOST_SINGLES = 8;

  /** Products that are worth a thread of their own. */
  private static final long LEAST = 1 << 22;

  /** Vectors whose selection is worth a thread of its own, or its own guesses. */
  private static final int LEAST_VECTORS = 16;

  private final FloatMatrix table; // [N, d]
  private final FloatMatrix.View[] blocks; // [d, BLOCK] each, the last one fewer
  private final FloatMatrix.@Nullable View sample; // [d, SAMPLE], of a catalogue that has so many
  // Used again: taking memory outside the heap costs more than a small product.
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

  /** Products that so many threads may ask for at once, where each has one vector. */
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

  /**
   * The number of items.
   *
   * @return N
   */
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

  /** Scores of a block, and room for those of one vector where loops can read them. */
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
   * Vectors that are multiplied with a block together, of which the first has a place among all.
   *
   * @param factors all vectors [B, d], or a few of them one by one
   */
  private record Batch(FloatMatrix.View[] factors, int first, int count) {}

  /** The first rows of a matrix as so many factors: as a whole, or each by itself. */
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
  public TopItems[] top(Tensor vectors, int[][] histories, TopQuery query) {
    if (histories.length == 1) {
      return new TopItems[] {single.call(new Single(vectors, new Wanted(histories[0], query)))};
    }
    Wanted[] wanted = new Wanted[histories.length];
    Arrays.setAll(wanted, b -> new Wanted(histories[b], query));
    return top(vectors, wanted);
  }

  /** What is wanted of a vector: the items of its history may be left out. */
  private record Wanted(int[] history, TopQuery query) {
    int excluded() {
      return query.excludeSeen() ? history.length : 0;
    }
  }

  /** One vector [1, d] and what is wanted of it. */
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

  /** Whether the worst score of a vector is guessed, and what was found of each [B]. */
  private record Selection(boolean guess, TopItems[] best) {}

  /** Finds the best items, and tells of which vectors the guess was too high for that. */
  private boolean[] select(Tensor vectors, Wanted[] wanted, Selection selection) {
    boolean[] missed = new boolean[wanted.length];
    inBatches(
        vectors,
        batch -> {
          int first = batch.first();
          Wanted[] theirs = Arrays.copyOfRange(wanted, first, first + batch.count());
          // Many vectors: each block is a sample of the catalogue, and the scores of the first ones
          // tell what may be passed over in the others. For a few, memory is the cost, and reading
          // it in order comes first.
          float[] shares = shares(theirs, selection.guess());
          boolean spread = batch.count() >= LEAST_VECTORS && !Float.isNaN(shares[0]);
          float[] guesses = guesses(batch, spread ? new float[0] : shares);
          IntFunction<TopSelector> selectors =
              vector -> new TopSelector(theirs[vector].query(), theirs[vector].history());
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
    return missed;
  }

  private Shortlist shortlist(int vectors) {
    Shortlist found = spareLists.poll();
    return found != null && found.holds(vectors) ? found : new Shortlist(vectors, BLOCK);
  }

  /**
   * The share of the catalogue that is wanted of each vector, NaN where nothing is guessed from it:
   * of a few allowed items, a sample of all tells nothing.
   */
  private float[] shares(Wanted[] wanted, boolean guess) {
    float[] shares = new float[wanted.length];
    for (int b = 0; b < shares.length; b++) {
      TopQuery query = wanted[b].query();
      shares[b] =
          guess && query.allowed().isEmpty()
              ? (float) (((double) query.count() + wanted[b].excluded()) / itemCount())
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

  /** For each vector a score that a few more items exceed than are wanted, from some items' own. */
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

  /** As many items as a block has, from the given one on at even distances. */
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
