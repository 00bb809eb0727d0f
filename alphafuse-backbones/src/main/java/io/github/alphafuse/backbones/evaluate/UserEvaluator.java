package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CheckReturnValue;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ranks all items that a user has not seen, of which several may be relevant.
 *
 * <p>Ties are pessimistic: an irrelevant item with the score of a relevant one ranks above it, so
 * that a constant scorer gets no credit. Seen items are left out. Users without relevant items are
 * ignored. Immutable and thread-safe; each method that sets an option returns a new evaluator.
 */
@CheckReturnValue
public final class UserEvaluator {
  /** The largest number of scores in memory. */
  private static final int MOST_SCORES = 1 << 24;

  /** The fewest users per thread. */
  private static final int LEAST = 16;

  private final int[] cutoffs;
  private final int batchSize;

  private UserEvaluator(int[] cutoffs, int batchSize) {
    this.cutoffs = cutoffs;
    this.batchSize = batchSize;
  }

  /**
   * An evaluator of all items that a user has not seen, at the published cut-offs 1, 10 and 20.
   *
   * @return the evaluator
   */
  public static UserEvaluator unseenRanking() {
    return new UserEvaluator(new int[] {1, 10, 20}, 256);
  }

  /**
   * The same evaluator at other cut-offs.
   *
   * @param ks cut-offs, each at least 1
   * @return the evaluator
   * @throws IllegalArgumentException if there are none or one is below 1
   */
  public UserEvaluator at(int... ks) {
    checkArgument(ks.length > 0, "an evaluator needs at least one cut-off");
    for (int k : ks) {
      checkArgument(k >= 1, "cut-off must be at least 1, found %s", k);
    }
    return new UserEvaluator(ks.clone(), batchSize);
  }

  /**
   * The same evaluator with another number of users that are scored at once. It bounds memory to
   * batch x items numbers. The default is 256.
   *
   * @param batchSize a number of at least 1
   * @return the evaluator
   * @throws IllegalArgumentException if below 1
   */
  public UserEvaluator batchSize(int batchSize) {
    checkArgument(batchSize >= 1, "batchSize must be at least 1, found %s", batchSize);
    return new UserEvaluator(cutoffs, batchSize);
  }

  /**
   * Evaluates a scorer of users.
   *
   * @param scorer the scorer
   * @param seen the seen items of each user
   * @param relevant the relevant items of each user, none of them seen
   * @return the evaluation, with one example per user with relevant items
   * @throws IllegalArgumentException if there are no relevant items, a relevant item is seen, or
   *     the users or items differ
   * @throws UndefinedScoreException if a score is NaN
   */
  public Evaluation evaluate(UserScorer scorer, UserItems seen, UserItems relevant) {
    checkArgument(
        scorer.userCount() == seen.userCount(),
        "users must be the scorer's %s, found %s",
        scorer.userCount(),
        seen.userCount());
    requireItems(scorer.itemCount(), seen);
    return rank(scorer::score, seen, relevant);
  }

  /**
   * Evaluates a scorer of histories. A user's history is the user's seen items.
   *
   * @param scorer the scorer
   * @param seen the seen items of each user; users with relevant items must have some
   * @param relevant the relevant items of each user, none of them seen
   * @return the evaluation, with one example per user with relevant items
   * @throws IllegalArgumentException if there are no relevant items, a relevant item is seen, a
   *     user has seen nothing, or the users or items differ
   * @throws UndefinedScoreException if a score is NaN
   */
  public Evaluation evaluate(ItemScorer scorer, UserItems seen, UserItems relevant) {
    requireItems(scorer.itemCount(), seen);
    return rank(
        (int[] users) -> {
          int[][] histories = new int[users.length][];
          for (int b = 0; b < users.length; b++) {
            histories[b] = seen.items(users[b]);
            checkArgument(
                histories[b].length > 0,
                "user \"%s\" has seen nothing: a scorer of histories cannot rank for it",
                seen.users().get(users[b]));
          }
          return scorer.score(histories);
        },
        seen,
        relevant);
  }

  private static void requireItems(int itemCount, UserItems seen) {
    checkArgument(
        itemCount == seen.itemCount(),
        "users must have items of the scorer's %s, found %s",
        itemCount,
        seen.itemCount());
  }

  @FunctionalInterface
  private interface Scores {
    Tensor of(int[] users);
  }

  private Evaluation rank(Scores scorer, UserItems seen, UserItems relevant) {
    checkArgument(
        seen.users().equals(relevant.users()) && seen.itemCount() == relevant.itemCount(),
        "seen and relevant items must be of the same users and catalogue, found %s and %s",
        seen,
        relevant);
    seen.vocabulary().requireSame("seen items", "relevant items", relevant.vocabulary());
    int[] users =
        IntStream.range(0, relevant.userCount()).filter(u -> relevant.count(u) > 0).toArray();
    checkArgument(users.length > 0, "no user has a relevant item");
    int most = Math.max(1, Math.min(batchSize, MOST_SCORES / seen.itemCount()));
    List<int[]> ranks = new ArrayList<>(users.length);
    for (int from = 0; from < users.length; from += most) {
      int[] batch = Arrays.copyOfRange(users, from, Math.min(users.length, from + most));
      Tensor scores = scorer.of(batch);
      int[][] found = new int[batch.length][];
      Workers.balance(
          batch.length,
          LEAST,
          (first, last) -> {
            for (int b = first; b < last; b++) {
              found[b] =
                  ranks(
                      new UserScores(scores, b, seen.users().get(batch[b])),
                      new int[][] {seen.items(batch[b]), relevant.items(batch[b])});
            }
          });
      ranks.addAll(Arrays.asList(found));
    }
    return Evaluation.ofSeveral(ranks.toArray(int[][]::new), cutoffs);
  }

  /** The scores of one user: a row of the scores of a batch. */
  private record UserScores(Tensor scores, int row, String user) {
    double get(int item) {
      return scores.get(row * scores.shape(1) + item);
    }

    int itemCount() {
      return scores.shape(1);
    }
  }

  /** The ranks of relevant items sets[1] among all but the seen ones sets[0], both ascending. */
  private static int[] ranks(UserScores scores, int[][] sets) {
    int[] seen = sets[0];
    int[] relevant = sets[1];
    double[] thresholds = new double[relevant.length]; // ascending
    for (int r = 0; r < relevant.length; r++) {
      checkArgument(
          Arrays.binarySearch(seen, relevant[r]) < 0,
          "item %s of user \"%s\" is both seen and relevant",
          relevant[r],
          scores.user());
      thresholds[r] = scores.get(relevant[r]);
    }
    Arrays.sort(thresholds);
    // above[r]: irrelevant items at or above threshold r and below the next one.
    int[] above = new int[relevant.length];
    int nextSeen = 0;
    int nextRelevant = 0;
    for (int item = 0; item < scores.itemCount(); item++) {
      double score = scores.get(item);
      if (Double.isNaN(score)) {
        throw new UndefinedScoreException(
            "scores must be numbers, found NaN for item " + item + " of user " + scores.user());
      }
      if (nextSeen < seen.length && seen[nextSeen] == item) {
        nextSeen++;
      } else if (nextRelevant < relevant.length && relevant[nextRelevant] == item) {
        nextRelevant++;
      } else if (score >= thresholds[0]) {
        above[lastAtOrBelow(thresholds, score)]++;
      }
    }
    int[] ranks = new int[relevant.length];
    int irrelevant = 0;
    for (int r = relevant.length - 1; r >= 0; r--) {
      irrelevant += above[r];
      ranks[relevant.length - 1 - r] = irrelevant + relevant.length - r;
    }
    return ranks;
  }

  /** The last threshold that a score reaches; the first one is reached. */
  private static int lastAtOrBelow(double[] thresholds, double score) {
    int low = 0;
    int high = thresholds.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (thresholds[middle] <= score) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
