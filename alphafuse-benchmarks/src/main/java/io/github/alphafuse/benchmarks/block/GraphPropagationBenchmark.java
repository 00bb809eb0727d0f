package io.github.alphafuse.benchmarks.block;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.graphcf.PairBatch;
import io.github.alphafuse.backbones.graphcf.PairSampler;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Forward and backward of LightGCN on a random graph: 2 layers of width 64, with the loss of a
 * single pair, so that propagation is nearly all of it.
 *
 * <p>A call visits each edge 8 times: from both ends, in 2 layers, forward and backward. A user has
 * 100 edges, to items drawn by a law of the square root; there are as many items as users. Not
 * thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class GraphPropagationBenchmark {
  private static final int DEGREE = 100;

  /** The number of edges, but for the few that are drawn twice. */
  @Param({"100000", "1000000", "10000000"})
  public int edges;

  private @Nullable Objective<PairBatch> objective;
  private @Nullable Gradients gradients;
  private @Nullable PairBatch batch;

  /** Made by the harness. */
  public GraphPropagationBenchmark() {}

  /** Draws the graph. */
  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    int count = edges / DEGREE;
    int[][] items = new int[count][DEGREE];
    for (int[] set : items) {
      for (int e = 0; e < DEGREE; e++) {
        double draw = random.nextDouble();
        set[e] = (int) (draw * draw * count); // popular ones have low rows
      }
    }
    InteractionGraph graph = InteractionGraph.of(UserItems.of(count, items));
    LightGcn model = LightGcn.builder(graph).build();
    objective = model.objective(Bpr.create(), 0);
    gradients = Gradients.of(model.parameters());
    batch = PairSampler.of(graph, 1).sample(1, random);
  }

  /** Frees the objective. */
  @TearDown
  public void close() {
    requireNonNull(objective).close();
  }

  /**
   * Makes a forward and a backward pass.
   *
   * @return the loss
   */
  @Benchmark
  public double forwardAndBackward() {
    return requireNonNull(objective)
        .gradients(requireNonNull(batch), new SplittableRandom(0), requireNonNull(gradients));
  }
}
