package io.github.alphafuse.backbones.internal.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.core.internal.TopSelector;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortlistTest {
  private static final int VECTORS = 3;
  private static final int BLOCK = 64;
  private static final int WANTED = 5;
  private static final float[] NO_GUESS = {Float.NaN, Float.NaN, Float.NaN};

  private static TopSelector selector(int vector) {
    return new TopSelector(WANTED, new int[0], null);
  }

  private static Shortlist list(float... guesses) {
    Shortlist list = new Shortlist(VECTORS, BLOCK);
    list.begin(guesses, new float[0], ShortlistTest::selector);
    return list;
  }

  /** All items of blocks [from, to), whose item i of block k is i + BLOCK k. */
  private static void offer(Shortlist list, float[][] scores, int from, int to) {
    for (int block = from; block < to; block++) {
      for (int vector = 0; vector < VECTORS; vector++) {
        int start = block * BLOCK;
        float[] row = Arrays.copyOfRange(scores[vector], start, start + BLOCK);
        list.collect(vector, new ItemProducts.Block(start, 1, BLOCK, row));
      }
    }
  }

  private static float[][] random(long seed, int blocks) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] scores = new float[VECTORS][blocks * BLOCK];
    for (float[] row : scores) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return scores;
  }

  private static TopSelector.Best best(float[] scores) {
    TopSelector all = selector(0);
    all.offer(0, scores, scores.length);
    return all.best();
  }

  /** More items than there is room for, in two lists of which one may pass over some. */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, -10, 0, 1.5f})
  void findsTheBestWithoutRoomForAll(float guess) {
    float[][] scores = random(1, 30);
    Shortlist first = list(NO_GUESS);
    Shortlist second = list(guess, guess, guess);
    offer(first, scores, 0, 17);
    offer(second, scores, 17, 30);
    for (int vector = 0; vector < VECTORS; vector++) {
      TopSelector.Best expected = best(scores[vector]);
      TopSelector merged = Shortlist.merge(new Shortlist[] {first, second}, vector);
      assertThat(merged.best().rows()).containsExactly(expected.rows());
      assertThat(merged.isShort()).isFalse();
    }
  }

  /** One list passes over what is better than what the other keeps: too few are left. */
  @ParameterizedTest
  @ValueSource(ints = {1, 20})
  void isShortWhereAGuessWasTooHigh(int blocks) {
    float[][] scores = random(2, 2 * blocks);
    Shortlist high = list(8, 8, 8);
    Shortlist low = list(-8, -8, -8);
    offer(high, scores, 0, blocks);
    offer(low, scores, blocks, 2 * blocks);
    for (int vector = 0; vector < VECTORS; vector++) {
      TopSelector merged = Shortlist.merge(new Shortlist[] {high, low}, vector);
      assertThat(merged.best().rows()).isEmpty();
      assertThat(merged.isShort()).isTrue();
    }
  }

  /** Where blocks are samples, most of the items of later blocks are passed over. */
  @Test
  void guessesFromBlocks() {
    float[][] scores = random(3, 40);
    float share = (float) WANTED / (40 * BLOCK);
    Shortlist list = new Shortlist(VECTORS, BLOCK);
    list.begin(NO_GUESS, new float[] {share, share, share}, ShortlistTest::selector);
    offer(list, scores, 0, 40);
    for (int vector = 0; vector < VECTORS; vector++) {
      TopSelector merged = Shortlist.merge(new Shortlist[] {list}, vector);
      assertThat(merged.best().rows()).containsExactly(best(scores[vector]).rows());
      int kept = 0;
      for (float score : scores[vector]) {
        kept += score > merged.passedOver() ? 1 : 0;
      }
      assertThat(kept).isLessThan(80);
    }
  }

  /** There is no room left in the first block, before all vectors have a guess. */
  @Test
  void keepsAGuessThatWasMadeSinceThereWasNoRoom() {
    int vectors = 16;
    int size = 640;
    int blocks = 12;
    SplittableRandom random = new SplittableRandom(7);
    float[][] scores = new float[vectors][blocks * size];
    for (int vector = 0; vector < vectors; vector++) {
      for (int i = 0; i < blocks * size; i++) {
        // The first vectors' items are better and better, so that there is no room again and again;
        // of the others, the best of all are in the first block, by which the guess is too high.
        scores[vector][i] =
            vector < 8 ? i : i < size && i % 2 == 0 ? 100 - i / 10f : (float) random.nextGaussian();
      }
    }
    float[] guesses = new float[vectors];
    Arrays.fill(guesses, Float.NaN);
    float[] shares = new float[vectors];
    Arrays.fill(shares, 0.5f); // too many for a guess: all of the first vectors' items are kept
    Arrays.fill(shares, 8, vectors, 1e-3f);
    // Room for 3,840 items: the first block of the first six vectors.
    Shortlist list = new Shortlist(vectors, size);
    list.begin(guesses, shares, vector -> new TopSelector(40, new int[0], null));
    for (int block = 0; block < blocks; block++) {
      for (int vector = 0; vector < vectors; vector++) {
        int start = block * size;
        float[] row = Arrays.copyOfRange(scores[vector], start, start + size);
        list.collect(vector, new ItemProducts.Block(start, 1, size, row));
      }
    }
    for (int vector = 0; vector < vectors; vector++) {
      TopSelector expected = new TopSelector(40, new int[0], null);
      expected.offer(0, scores[vector], scores[vector].length);
      TopSelector merged = Shortlist.merge(new Shortlist[] {list}, vector);
      int[] found = merged.best().rows();
      // Right, or known not to be.
      if (!merged.isShort()) {
        assertThat(found).containsExactly(expected.best().rows());
      }
      assertThat(merged.isShort()).as("vector %s", vector).isEqualTo(vector >= 8);
    }
  }

  @Test
  void forgetsWhatWasCollectedBefore() {
    Shortlist list = list(NO_GUESS);
    offer(list, random(4, 30), 0, 30);
    float[][] scores = random(5, 2);
    list.begin(NO_GUESS, new float[0], ShortlistTest::selector);
    offer(list, scores, 0, 2);
    TopSelector merged = Shortlist.merge(new Shortlist[] {list}, 1);
    assertThat(merged.best().rows()).containsExactly(best(scores[1]).rows());
  }
}
