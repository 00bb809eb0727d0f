package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.loss.NegativeSampler;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** 64 negatives for each of 256 targets out of 20,000 items. Not thread-safe. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NegativeSamplingBenchmark {
  private static final int ITEMS = 20_000;

  private final NegativeSampler sampler = NegativeSampler.uniform(ITEMS);
  private final SplittableRandom random = new SplittableRandom(22);
  private final int[] targets = random.ints(256, 0, ITEMS).toArray();

  /** Made by the harness. */
  public NegativeSamplingBenchmark() {}

  /**
   * Draws for a batch.
   *
   * @return [256, 64]
   */
  @Benchmark
  public int[] sample() {
    return sampler.sample(targets, 64, random);
  }
}
