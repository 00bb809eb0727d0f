package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.DreamRecScorer;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.Tensor;
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
 * The generation of 256 rows by 21 deterministic steps, in each form; the precomputation of the
 * collapsed form is not in it. Not thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SamplerBenchmark {
  private static final int ITEMS = 1000;
  private static final int BATCH = 256;

  @Param({"256", "1536"})
  private int dim;

  @Param({"NAIVE", "STEPWISE", "COLLAPSED"})
  private Sampling.Form form = Sampling.Form.NAIVE;

  private final int[][] histories = new int[BATCH][];
  private @Nullable DreamRecScorer scorer;

  /** Made by the harness. */
  public SamplerBenchmark() {}

  /** Builds the model and precomputes what the form precomputes. */
  @Setup
  public void build() {
    SplittableRandom random = new SplittableRandom(22);
    for (int b = 0; b < BATCH; b++) {
      histories[b] = random.ints(10, 0, ITEMS).toArray();
    }
    scorer =
        DreamRec.builder(RandomItems.of(ITEMS, dim, dim / 2))
            .sampling(Sampling.ddim(100).withForm(form))
            .build()
            .scorer();
    generate();
  }

  /**
   * Encodes the histories and generates rows.
   *
   * @return [256, d]
   */
  @Benchmark
  public Tensor generate() {
    return java.util.Objects.requireNonNull(scorer).generate(histories);
  }

  /** Frees the model. */
  @TearDown
  public void close() {
    if (scorer != null) {
      scorer.close();
    }
  }
}
