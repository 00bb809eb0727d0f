package io.github.alphafuse.examples.compare;

import com.google.common.base.Stopwatch;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.TopQuery;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Measures how long a model takes to find the best items for 1,000 users.
 *
 * @param count the number of histories, at least 1
 * @param history the items of each history, at least 1 per history
 */
record InferenceTimer(int count, IntFunction<int[]> history) {
  private static final int TIMED_USERS = 1000;
  private static final int TIMED_BATCH = 250;
  private static final int TIMED_ITEMS = 20;

  /** Returns the milliseconds for 1,000 users: the better of two passes, after a warm-up batch. */
  double milliseconds(RankingModel model) {
    int users = Math.min(TIMED_USERS, count);
    int[][] histories = new int[users][];
    for (int i = 0; i < users; i++) {
      histories[i] = history.apply(i);
    }
    TopQuery query = TopQuery.ofAll(Math.min(TIMED_ITEMS, model.vocabulary().size()));
    double best = Double.POSITIVE_INFINITY;
    try (ItemScorer scorer = model.scorer()) {
      scorer.top(Arrays.copyOf(histories, Math.min(users, TIMED_BATCH)), query);
      for (int pass = 0; pass < 2; pass++) {
        Stopwatch watch = Stopwatch.createStarted();
        for (int from = 0; from < users; from += TIMED_BATCH) {
          scorer.top(
              Arrays.copyOfRange(histories, from, Math.min(users, from + TIMED_BATCH)), query);
        }
        best = Math.min(best, watch.elapsed(TimeUnit.NANOSECONDS) * 1e-6);
      }
    }
    return best * TIMED_USERS / users;
  }
}
