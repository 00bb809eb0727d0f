package io.github.alphafuse.benchmarks.block;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.benchmarks.RandomItems;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdInitializer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * Loss and gradients of SASRec under the softmax over 20,000 items, 256 histories of 10, d 128, d_n
 * 64, with mild logits and with saturated ones, whose probabilities fall over hundreds of powers of
 * ten: denormal numbers would show as a slower saturated step. Not thread-safe.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CatalogueSoftmaxBenchmark {
  private static final int ITEMS = 20_000;
  private static final int BATCH = 256;
  private static final int LENGTH = 10;
  private static final int DIM = 128;

  /** The standard deviation of the numbers of item rows: about a tenth of that of the logits. */
  @Param({"0.01", "0.1", "1", "10", "100"})
  private double scale = 1;

  private SequenceModel<RankingLoss> model = model(1);
  private Objective<TrainingBatch> objective = model.objective(FullSoftmax.ofInnerProducts());
  private Gradients gradients = Gradients.of(model.parameters());
  private TrainingBatch batch = batch();

  /** Made by the harness. */
  public CatalogueSoftmaxBenchmark() {}

  private static SequenceModel<RankingLoss> model(double scale) {
    Tensor language = RandomItems.numbers(ITEMS, DIM);
    for (int i = 0; i < language.size(); i++) {
      language.set(i, language.get(i) * scale);
    }
    return SasRec.builder(
            FusedItemEmbedding.ofProjected(language, DIM / 2, false)
                .idInitializer(IdInitializer.zeros())
                .build())
        .maxLength(LENGTH)
        .dropout(0.1)
        .engine(Engine.FUSED)
        .build();
  }

  private static TrainingBatch batch() {
    SplittableRandom random = new SplittableRandom(22);
    Examples.Builder drawn = Examples.builder(ITEMS);
    for (int i = 0; i < BATCH; i++) {
      drawn.add(
          Integer.toString(i), random.ints(LENGTH, 0, ITEMS).toArray(), random.nextInt(ITEMS));
    }
    PaddedBatch all = drawn.build().batch(IntStream.range(0, BATCH).toArray(), LENGTH);
    return new TrainingBatch(all, new int[0]);
  }

  /** Builds the model. */
  @Setup
  public void build() {
    objective.close();
    model = model(scale);
    objective = model.objective(FullSoftmax.ofInnerProducts());
    gradients = Gradients.of(model.parameters());
  }

  /** Frees the buffers. */
  @TearDown
  public void close() {
    objective.close();
  }

  /**
   * Computes loss and gradients.
   *
   * @return the loss
   */
  @Benchmark
  public double gradients() {
    return objective.gradients(batch, new SplittableRandom(22), gradients);
  }
}
