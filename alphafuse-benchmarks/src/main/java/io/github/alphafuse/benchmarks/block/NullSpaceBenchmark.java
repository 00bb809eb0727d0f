package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
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

/** The fit of a null space projector to 4,096 rows: moments and decomposition. Not thread-safe. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NullSpaceBenchmark {
  @Param({"64", "256"})
  private int languageDim;

  private LanguageEmbeddings text = LanguageEmbeddings.of(RandomItems.numbers(1, 1));

  /** Made by the harness. */
  public NullSpaceBenchmark() {}

  /** Draws the rows. */
  @Setup
  public void draw() {
    text = LanguageEmbeddings.of(RandomItems.numbers(4096, languageDim));
  }

  /**
   * Fits.
   *
   * @return the projector
   */
  @Benchmark
  public NullSpaceProjector fit() {
    return NullSpaceProjector.builder().nullDim(languageDim / 2).fit(text);
  }
}
