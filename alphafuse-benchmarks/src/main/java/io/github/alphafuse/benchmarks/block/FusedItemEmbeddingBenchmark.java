package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Rows out of a fused embedding of 20,000 items of width 128, half of it trained, and their
 * gradients back: those of 256 histories, or of 64 negatives an example. Not thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FusedItemEmbeddingBenchmark {
  private static final int ITEMS = 20_000;
  private static final int DIM = 128;

  @Param({"2560", "16384"})
  private int rowCount;

  private final FusedItemEmbedding items = RandomItems.of(ITEMS, DIM, DIM / 2);
  private final Gradients gradients = Gradients.of(items.parameters());
  private int[] ids = {};
  private Tensor rows = RandomItems.numbers(0, DIM);

  /** Made by the harness. */
  public FusedItemEmbeddingBenchmark() {}

  /** Draws the items. */
  @Setup
  public void draw() {
    ids = new SplittableRandom(22).ints(rowCount, 0, ITEMS).toArray();
    rows = RandomItems.numbers(rowCount, DIM);
  }

  /**
   * Gathers rows.
   *
   * @return [R, 128]
   */
  @Benchmark
  public Tensor gather() {
    items.gather(ids, rows);
    return rows;
  }

  /**
   * Adds the gradients of rows up by item; the buffer is not cleared in between.
   *
   * @return the gradients
   */
  @Benchmark
  public Gradients accumulate() {
    items.accumulate(ids, rows, gradients);
    return gradients;
  }
}
