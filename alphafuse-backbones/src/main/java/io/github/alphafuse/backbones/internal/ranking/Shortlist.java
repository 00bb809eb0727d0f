package io.github.alphafuse.backbones.internal.ranking;

import io.github.alphafuse.core.internal.TopSelector;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The items that one thread found with scores above the estimates, in the order of discovery, until
 * the best of each vector are selected from them.
 *
 * <p>Scores arrive block by block and, within a block, vector by vector. Memory is bounded: if the
 * list is full, all its items go to selectors, which then give better estimates.
 *
 * <p>Legend: B vectors. Not thread-safe.
 */
final class Shortlist {
  /** The number of items per vector. With a good estimate, no more are found. */
  private static final int ROOM = 160;

  /** The number of blocks whose positions are kept, enough for about a million items. */
  private static final int MOST_BLOCKS = 1_024;

  /**
   * The number of blocks after which estimates are repeated, with four times the sample and half
   * the error.
   */
  private static final int AGAIN = 4;

  private final int[] items;
  private final float[] scores;
  private final float[] bars; // [B] scores up to it are skipped; NaN skips none
  private final float[] sample;
  private final float[] part;
  private int size;

  /** The end of the items that were found for one vector in one block. */
  private int[] ends = new int[0];

  private int pieces;

  /** The vector of the first piece. Piece p belongs to the vector p further on, modulo B. */
  private int firstVector;

  private int vectors;
  private float[] shares = new float[0];
  private int blocks;
  private int seen;
  private @Nullable IntFunction<TopSelector> supplier;
  private @Nullable TopSelector[] selectors = new TopSelector[0]; // [B] after the list was full

  /**
   * An empty list.
   *
   * @param vectors the largest B
   * @param block the largest number of items of a block
   */
  Shortlist(int vectors, int block) {
    // Before a block is searched, the list must have space for all of its items. The estimate for a
    // single vector may be far too low.
    int room = Math.addExact(2 * block, Math.multiplyExact(vectors, ROOM));
    this.items = new int[room];
    this.scores = new float[room];
    this.bars = new float[vectors];
    this.sample = new float[block];
    this.part = new float[block];
  }

  /** Whether the list has space for a number of vectors. */
  boolean holds(int count) {
    return count <= bars.length;
  }

  /**
   * Empties the list.
   *
   * @param guesses [B] scores up to which items are skipped, NaN for none
   * @param wantedShares [B] the share of the catalogue that is wanted, if every block is a sample
   *     of it for estimates; else empty
   * @param newSelector a new selector for a vector
   */
  void begin(float[] guesses, float[] wantedShares, IntFunction<TopSelector> newSelector) {
    vectors = guesses.length;
    System.arraycopy(guesses, 0, bars, 0, vectors);
    shares = wantedShares;
    supplier = newSelector;
    selectors = new TopSelector[0];
    size = 0;
    pieces = 0;
    firstVector = 0;
    blocks = 0;
    seen = 0;
  }

  /** Releases all objects that are not reused. */
  void end() {
    shares = new float[0];
    supplier = null;
    selectors = new TopSelector[0];
  }

  /**
   * Takes a vector's scores of a block.
   *
   * @param vector the vector: 0 to B - 1 in order, for each block
   * @param block the items and their scores; NaN is not skipped
   */
  void collect(int vector, ItemProducts.Block block) {
    if (size + block.count() > items.length || pieces >= MOST_BLOCKS * vectors) {
      select(vector);
    }
    if (shares.length > 0 && blocks == 0) {
      bars[vector] = guess(block, shares[vector]);
    } else if (shares.length > 0 && blocks == AGAIN && selectors.length == 0) {
      guessAgain(vector);
    }
    size = keep(block, bars[vector], size);
    if (pieces == ends.length) {
      ends = Arrays.copyOf(ends, Math.max(2 * pieces, 16 * vectors));
    }
    ends[pieces++] = size;
    if (vector == vectors - 1) {
      blocks++;
      seen += block.count();
    }
  }

  /** A loop without calls, since nearly all items are skipped here. */
  private int keep(ItemProducts.Block block, float bar, int start) {
    float[] row = block.scores();
    int[] kept = items;
    float[] keptScores = scores;
    int first = block.first();
    int stride = block.stride();
    int end = start;
    for (int i = 0; i < block.count(); i++) {
      float score = row[i];
      if (!(score <= bar)) {
        kept[end] = first + stride * i;
        keptScores[end++] = score;
      }
    }
    return end;
  }

  /** For the best scores, the largest of every four are as informative as all. */
  private float guess(ItemProducts.Block block, float share) {
    int count = block.count() / 4;
    System.arraycopy(block.scores(), 0, sample, 0, count);
    for (int quarter = 1; quarter < 4; quarter++) {
      System.arraycopy(block.scores(), quarter * count, part, 0, count);
      for (int i = 0; i < count; i++) {
        sample[i] = Math.max(sample[i], part[i]);
      }
    }
    return TopSelector.guess(sample, count, share * 4 * count);
  }

  private void guessAgain(int vector) {
    int count = 0;
    for (int piece = vector; piece < pieces; piece += vectors) {
      for (int i = begin(piece); i < ends[piece] && count < sample.length; i++) {
        sample[count++] = scores[i];
      }
    }
    float better = TopSelector.guess(sample, count, shares[vector] * seen);
    if (better > bars[vector]) {
      bars[vector] = better;
    }
  }

  /** Empties the list by passing all items to selectors. */
  private void select(int nextVector) {
    if (selectors.length == 0) {
      selectors = new TopSelector[vectors];
    }
    for (int vector = 0; vector < vectors; vector++) {
      TopSelector selector = selectors[vector];
      if (selector == null) {
        selector = newSelector(vector);
        selectors[vector] = selector;
      }
      // The estimate may be newer than the selector, which must know the score up to which items
      // were skipped.
      selector.passOver(bars[vector]);
      offer(selector, vector);
      bars[vector] = selector.passedOver();
    }
    size = 0;
    pieces = 0;
    firstVector = nextVector;
  }

  private TopSelector newSelector(int vector) {
    if (supplier == null) {
      throw new IllegalStateException("begin must be called first");
    }
    return supplier.apply(vector);
  }

  /**
   * Selects from the items of a vector in all lists.
   *
   * @param lists lists of different items
   * @param vector the vector
   * @return a selector that was offered all of them
   */
  static TopSelector merge(Shortlist[] lists, int vector) {
    float highest = Float.NaN;
    for (Shortlist list : lists) {
      float bar = list.bars[vector];
      if (!Float.isNaN(bar) && !(bar <= highest)) {
        highest = bar;
      }
    }
    // Items that one list skipped may be better than those that another one kept.
    TopSelector selector = lists[0].newSelector(vector);
    selector.passOver(highest);
    for (Shortlist list : lists) {
      if (list.selectors.length > 0 && list.selectors[vector] != null) {
        selector.merge(list.selectors[vector]);
      }
      list.offer(selector, vector);
    }
    return selector;
  }

  private void offer(TopSelector selector, int vector) {
    int piece = Math.floorMod(vector - firstVector, vectors);
    for (; piece < pieces; piece += vectors) {
      for (int i = begin(piece); i < ends[piece]; i++) {
        selector.offer(items[i], scores[i]);
      }
    }
  }

  private int begin(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }
}
