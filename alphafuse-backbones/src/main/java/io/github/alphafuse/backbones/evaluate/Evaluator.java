package io.github.alphafuse.backbones.evaluate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.CheckReturnValue;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Ranks the target of each example among all items of the catalogue, or among sampled ones.
 *
 * <p>Ties are pessimistic: another item with the target's score counts as ranked above it, so that
 * a constant scorer gets no credit. Items of the history are ranked too, unless they are masked.
 * Immutable and thread-safe; each method that sets an option returns a new evaluator.
 *
 * <p>See: Krichene and Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020, on why the
 * whole catalogue is ranked.
 */
@CheckReturnValue
public final class Evaluator {
  /**
   * The largest number of scores in memory. A large catalogue is ranked for fewer users at a time.
   */
  private static final int MOST_SCORES = 1 << 24;

  private static final int[] NOTHING = {};

  /** The fewest examples per thread. */
  private static final int LEAST = 16;

  private static final Evaluator FULL_RANKING =
      new Evaluator(
          new Options(
              ImmutableIntArray.of(1, 5, 10, 20, 50),
              false,
              256,
              new Sampling(0, 0),
              Groups.none()));

  private final Options options;

  private Evaluator(Options options) {
    this.options = options;
  }

  private record Options(
      ImmutableIntArray cutoffs,
      boolean maskSeen,
      int batchSize,
      Sampling sampling,
      Groups groups) {}

  /** The number of sampled items, 0 for a ranking among all, and their seed. */
  private record Sampling(int negatives, long seed) {}

  /**
   * An evaluator at the published cut-offs 1, 5, 10, 20 and 50, without masking.
   *
   * @return the evaluator
   */
  public static Evaluator fullRanking() {
    return FULL_RANKING;
  }

  /**
   * An evaluator that ranks each target against sampled items instead of all, at the cut-offs 1, 5,
   * 10, 20 and 50.
   *
   * <p>Different items are drawn uniformly per example from those outside its history and its
   * target. They depend only on the seed and the example's index, so that every model is ranked
   * against the same items. Such metrics are higher than those of the full ranking, and may order
   * models differently (Krichene and Rendle, 2020). The results therefore name the protocol.
   *
   * @param negatives the number of items, at least 1; 100 in the long-tail protocol
   * @return the evaluator, of seed 0
   * @throws IllegalArgumentException if below 1
   */
  public static Evaluator sampledRanking(int negatives) {
    checkArgument(negatives >= 1, "sampledRanking must have at least 1 item, found %s", negatives);
    Options full = FULL_RANKING.options;
    return new Evaluator(
        new Options(
            full.cutoffs, full.maskSeen, full.batchSize, new Sampling(negatives, 0), full.groups));
  }

  /**
   * The same evaluator at other cut-offs.
   *
   * @param ks cut-offs, each at least 1
   * @return the evaluator
   * @throws IllegalArgumentException if there are none or one is below 1
   */
  public Evaluator at(int... ks) {
    checkArgument(ks.length > 0, "an evaluator needs at least one cut-off");
    for (int k : ks) {
      checkArgument(k >= 1, "cut-off must be at least 1, found %s", k);
    }
    return new Evaluator(
        new Options(
            ImmutableIntArray.copyOf(ks),
            options.maskSeen,
            options.batchSize,
            options.sampling,
            options.groups));
  }

  /**
   * The same evaluator with another seed of the sampled items. The default is 0. A full ranking
   * does not use it.
   *
   * @param seed any number
   * @return the evaluator
   */
  public Evaluator seed(long seed) {
    return new Evaluator(
        new Options(
            options.cutoffs,
            options.maskSeen,
            options.batchSize,
            new Sampling(options.sampling.negatives, seed),
            options.groups));
  }

  /**
   * The same evaluator with other groups of examples to report on. By default there are none.
   *
   * @param groups how the examples are divided
   * @return the evaluator
   */
  public Evaluator groups(Groups groups) {
    return new Evaluator(
        new Options(
            options.cutoffs, options.maskSeen, options.batchSize, options.sampling, groups));
  }

  /**
   * The seed of the sampled items.
   *
   * @return the seed, which a full ranking ignores
   */
  public long seed() {
    return options.sampling.seed;
  }

  /**
   * The number of sampled items that each target is ranked against.
   *
   * @return at least 1, or 0 if all items are ranked
   */
  public int negatives() {
    return options.sampling.negatives;
  }

  /**
   * The same evaluator that leaves out items of an example's history, except the target, or does
   * not. The default is false, as in the published protocol. Items of the history are never among
   * sampled items.
   *
   * @param maskSeen whether they are left out
   * @return the evaluator
   */
  public Evaluator maskSeen(boolean maskSeen) {
    return new Evaluator(
        new Options(
            options.cutoffs, maskSeen, options.batchSize, options.sampling, options.groups));
  }

  /**
   * Whether items of a history are left out of its ranking.
   *
   * @return true if they are
   */
  public boolean masksSeen() {
    return options.maskSeen;
  }

  /**
   * The same evaluator with another number of examples that are scored at once. It bounds memory to
   * batch x items numbers. The default is 256.
   *
   * @param batchSize a number of at least 1
   * @return the evaluator
   * @throws IllegalArgumentException if below 1
   */
  public Evaluator batchSize(int batchSize) {
    checkArgument(batchSize >= 1, "batchSize must be at least 1, found %s", batchSize);
    return new Evaluator(
        new Options(
            options.cutoffs, options.maskSeen, batchSize, options.sampling, options.groups));
  }

  /**
   * Evaluates a model with its current weights.
   *
   * @param model the model
   * @param examples at least one example over the model's items
   * @return the evaluation
   * @throws IllegalArgumentException if there are no examples, their items are not the model's, or
   *     an example leaves fewer items than are to be sampled
   * @throws UndefinedScoreException if a score is NaN
   */
  public Evaluation evaluate(RankingModel model, Examples examples) {
    model.vocabulary().requireSame("model", "examples", examples.vocabulary());
    try (ItemScorer scorer = model.scorer()) {
      return evaluate(scorer, examples);
    }
  }

  /**
   * Evaluates a scorer.
   *
   * @param scorer the scorer
   * @param examples at least one example over the scorer's items
   * @return the evaluation
   * @throws IllegalArgumentException if there are no examples, the number of items differs, or an
   *     example leaves fewer items than have to be sampled
   * @throws UndefinedScoreException if a score is NaN
   */
  public Evaluation evaluate(ItemScorer scorer, Examples examples) {
    checkArgument(examples.size() > 0, "an evaluation needs at least one example");
    checkArgument(
        examples.itemCount() == scorer.itemCount(),
        "examples must be over the scorer's %s items, found %s",
        scorer.itemCount(),
        examples.itemCount());
    int[] ranks = new int[examples.size()];
    long[] seeds =
        options.sampling.negatives == 0
            ? new long[0]
            : new SplittableRandom(options.sampling.seed).longs(ranks.length).toArray();
    int most = Math.max(1, Math.min(options.batchSize, MOST_SCORES / scorer.itemCount()));
    for (int from = 0; from < ranks.length; from += most) {
      int first = from;
      int count = Math.min(most, ranks.length - from);
      int[][] histories = new int[count][];
      for (int i = 0; i < count; i++) {
        histories[i] = examples.history(from + i);
      }
      Tensor scores = scorer.score(histories);
      Workers.balance(
          count,
          LEAST,
          (start, end) -> {
            NegativeItems negatives =
                new NegativeItems(scorer.itemCount(), options.sampling.negatives);
            for (int i = start; i < end; i++) {
              int example = first + i;
              int target = examples.target(example);
              if (seeds.length > 0) {
                int[] interacted = Arrays.copyOf(histories[i], histories[i].length + 1);
                interacted[histories[i].length] = target;
                ranks[example] =
                    rankAmong(
                        negatives.draw(example, interacted, new SplittableRandom(seeds[example])),
                        scores,
                        new Query(example, i, target, NOTHING));
              } else {
                int[] masked = options.maskSeen ? histories[i] : NOTHING;
                ranks[example] = rank(scores, new Query(example, i, target, masked));
              }
            }
          });
    }
    Evaluation ranked =
        Evaluation.of(ranks, options.cutoffs.toArray())
            .amongSampled(options.sampling.negatives)
            .withGroups(options.groups, examples);
    return options.maskSeen && options.sampling.negatives == 0 ? ranked.amongUnseen() : ranked;
  }

  /** The ranking of the target of an example by a row of scores, with some items left out. */
  private record Query(int example, int row, int target, int[] masked) {}

  /**
   * The pessimistic rank of an item by its score: 1 plus the number of other items with a score at
   * or above it.
   *
   * @param scores [N]
   * @param target the item's row, in [0, N)
   * @return the rank, from 1 to N
   * @throws IllegalArgumentException if the target is outside [0, N)
   * @throws UndefinedScoreException if a score is NaN
   */
  public static int rank(double[] scores, int target) {
    checkArgument(
        target >= 0 && target < scores.length,
        "target must lie in [0, %s), found %s",
        scores.length,
        target);
    return rank(Tensor.of(scores, 1, scores.length), new Query(0, 0, target, NOTHING));
  }

  /** The pessimistic rank among some other items; scores of all items must be numbers. */
  private static int rankAmong(int[] others, Tensor scores, Query query) {
    int items = scores.shape(1);
    int at = query.row() * items;
    double threshold = scores.get(at + query.target());
    int rank = 1;
    for (int item : others) {
      rank += scores.get(at + item) >= threshold ? 1 : 0;
    }
    for (int i = at; i < at + items; i++) {
      if (Double.isNaN(scores.get(i))) {
        throw notANumber(scores, at, query.example());
      }
    }
    return rank;
  }

  private static int rank(Tensor scores, Query query) {
    int items = scores.shape(1);
    int at = query.row() * items;
    double threshold = scores.get(at + query.target());
    int rank = 0;
    int comparable = 0;
    if (scores.elementType() == ElementType.FLOAT32) {
      float[] values = scores.floats();
      float own = (float) threshold;
      for (int i = at; i < at + items; i++) {
        rank += values[i] >= own ? 1 : 0;
        comparable += Float.isNaN(values[i]) ? 0 : 1;
      }
    } else {
      double[] values = scores.doubles();
      for (int i = at; i < at + items; i++) {
        rank += values[i] >= threshold ? 1 : 0;
        comparable += Double.isNaN(values[i]) ? 0 : 1;
      }
    }
    if (comparable < items) {
      throw notANumber(scores, at, query.example());
    }
    // The count includes the target itself. With k other items above it, it is the rank, k + 1.
    return rank - seenAbove(scores, at, query);
  }

  private static int seenAbove(Tensor scores, int at, Query query) {
    double threshold = scores.get(at + query.target());
    int[] seen = query.masked();
    int above = 0;
    for (int j = 0; j < seen.length; j++) {
      boolean repeated = false;
      for (int earlier = 0; earlier < j && !repeated; earlier++) {
        repeated = seen[earlier] == seen[j];
      }
      if (!repeated && seen[j] != query.target() && scores.get(at + seen[j]) >= threshold) {
        above++;
      }
    }
    return above;
  }

  private static UndefinedScoreException notANumber(Tensor scores, int at, int example) {
    int item = 0;
    while (!Double.isNaN(scores.get(at + item))) {
      item++;
    }
    return new UndefinedScoreException(
        "scores must be numbers, found NaN for item " + item + " of example " + example);
  }
}
