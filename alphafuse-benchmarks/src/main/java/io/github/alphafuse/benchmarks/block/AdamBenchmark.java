package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.train.Adam;
import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.Map;
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

/** One Adam step on a table of 20,001 x 64. Not thread-safe. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AdamBenchmark {
  private static final String TABLE = "table";

  private final Tensor table = RandomItems.numbers(20_001, 64);
  private final Gradients gradients = Gradients.of(Map.of(TABLE, table));
  private final Adam adam =
      Adam.builder(Map.of(TABLE, table)).learningRate(1e-6).weightDecay(1e-6).build();

  /** Made by the harness. */
  public AdamBenchmark() {}

  /** Gives every number a gradient: zeros would be faster than real ones. */
  @Setup
  public void drawGradients() {
    gradients.get(TABLE).copyFrom(RandomItems.numbers(20_001, 64));
  }

  /**
   * Makes a step.
   *
   * @return the table
   */
  @Benchmark
  public Tensor step() {
    adam.step(gradients);
    return table;
  }
}
