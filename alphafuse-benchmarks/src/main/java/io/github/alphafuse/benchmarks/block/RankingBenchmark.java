package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ranks of 256 targets among 20,000 scores each, the scores being there already. Not
 * thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RankingBenchmark {
  private static final int ITEMS = 20_000;
  private static final int BATCH = 256;

  private final Evaluator evaluator = Evaluator.fullRanking().batchSize(BATCH);
  private final ItemScorer scorer = new FixedScorer(RandomItems.numbers(BATCH, ITEMS));
  private Examples examples = Examples.builder(ITEMS).build();

  /** Made by the harness. */
  public RankingBenchmark() {}

  /** Scores that do not depend on the histories. */
  private record FixedScorer(Tensor scores) implements ItemScorer {
    @Override
    public int itemCount() {
      return scores.shape(1);
    }

    @Override
    public Tensor score(int[][] histories) {
      return scores;
    }
  }

  /** Draws the targets. */
  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(22);
    Examples.Builder drawn = Examples.builder(ITEMS);
    for (int i = 0; i < BATCH; i++) {
      drawn.add(Integer.toString(i), new int[] {random.nextInt(ITEMS)}, random.nextInt(ITEMS));
    }
    examples = drawn.build();
  }

  /**
   * Ranks.
   *
   * @return the evaluation
   */
  @Benchmark
  public Evaluation evaluate() {
    return evaluator.evaluate(scorer, examples);
  }
}
