package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.encoder.DropoutMask;
import io.github.alphafuse.core.Tensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The dropout mask of a batch of histories. Not thread-safe. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DropoutMaskBenchmark {
  private final Tensor mask = Tensor.zeros(DataType.FLOAT, 256, 10, 128);
  private final SplittableRandom random = new SplittableRandom(22);

  /** Made by the harness. */
  public DropoutMaskBenchmark() {}

  /**
   * Draws a mask.
   *
   * @return [256, 10, 128]
   */
  @Benchmark
  public Tensor fill() {
    return DropoutMask.fill(mask, 0.1, random);
  }
}
