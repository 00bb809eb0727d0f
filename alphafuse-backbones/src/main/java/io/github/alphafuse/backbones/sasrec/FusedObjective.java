package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.FusedEncoder;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * SASRec under a ranking loss by hand-derived kernels.
 *
 * <p>Legend: B examples, L positions, K negatives, C = 1 + K candidates, d embedding dimension.
 */
final class FusedObjective implements Objective {
  /** Examples that are worth a thread of their own. */
  private static final int LEAST = 8;

  /** Parts of a batch for each thread: short ones fill the time that others leave. */
  private static final int PARTS = 4;

  private final EncoderWeights weights;
  private final ItemEmbedding items;
  private final RankingLoss loss;
  private final FusedEncoder encoder;
  private final ItemOrder order = new ItemOrder();
  private final @Nullable CatalogueSoftmax catalogue;
  private final @Nullable SampledHead sampled;

  FusedObjective(EncoderWeights weights, ItemEmbedding items, RankingLoss loss) {
    this.weights = weights;
    this.items = items;
    this.loss = loss;
    this.encoder = FusedEncoder.forTraining(weights);
    this.sampled =
        loss.sampledKernel()
            .map(
                kernel ->
                    new SampledHead(
                        items, kernel, new SampledHead.Candidates(1 + loss.negatives(), order)))
            .orElse(null);
    this.catalogue =
        loss instanceof FullSoftmax softmax
            ? new CatalogueSoftmax(items, softmax.temperature())
            : null;
  }

  /** Whether these kernels can compute a model under a loss here. */
  static boolean supports(EncoderWeights weights, RankingLoss loss) {
    return FusedEncoder.supports(weights)
        && (loss.sampledKernel().isPresent() || loss instanceof FullSoftmax);
  }

  @Override
  public int negatives() {
    return loss.negatives();
  }

  @Override
  public double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients) {
    PaddedBatch examples = batch.examples();
    BatchCheck.requireFit(batch, new BatchCheck.Expected(weights, items, loss));
    int size = examples.size();
    encoder.refresh();
    encoder.begin(examples, random);
    int parts = Math.max(1, Math.min(size / LEAST, PARTS * Workers.count()));
    int before = sampled != null ? 1 : 0;
    if (sampled == null) {
      gradients.clear(items.parameters().keySet());
    }
    Workers.run(
        before + parts,
        task -> {
          if (task < before) {
            startCandidates(batch, gradients);
          } else {
            int from = (int) ((long) size * (task - before) / parts);
            int to = (int) ((long) size * (task - before + 1) / parts);
            items.gather(encoder.items(from, to), encoder.rows(), encoder.firstRow(from));
            encoder.forward(from, to);
          }
        });
    double value =
        sampled != null
            ? sampled.apply(encoder.users(), encoder.userGradients(), gradients)
            : requireNonNull(catalogue).apply(overCatalogue(examples), gradients);
    Workers.balance(size, LEAST, encoder::backward);
    List<Runnable> tasks = encoder.gradientTasks(gradients);
    Workers.run(
        1 + tasks.size(),
        task -> {
          if (task == 0) {
            items.accumulate(encoder.items(0, size), encoder.rowGradients(), gradients);
          } else {
            tasks.get(task - 1).run();
          }
        });
    return value / size;
  }

  private void startCandidates(TrainingBatch batch, Gradients gradients) {
    order.sort(candidates(batch), items.itemCount());
    int[] history = encoder.items(0, batch.examples().size());
    items.start(union(order.unique(), history), gradients);
  }

  private CatalogueSoftmax.Inputs overCatalogue(PaddedBatch examples) {
    return new CatalogueSoftmax.Inputs(
        encoder.users().floats(), examples.targets(), encoder.userGradients().floats());
  }

  /** Targets and negatives [B, C]. */
  private int[] candidates(TrainingBatch batch) {
    int[] targets = batch.examples().targets();
    int negatives = loss.negatives();
    int[] ids = new int[targets.length * (1 + negatives)];
    for (int b = 0; b < targets.length; b++) {
      ids[b * (1 + negatives)] = targets[b];
      System.arraycopy(batch.negatives(), b * negatives, ids, b * (1 + negatives) + 1, negatives);
    }
    return ids;
  }

  /** The items of an ascending list and of another, ascending, each once. */
  private static int[] union(int[] ascending, int[] others) {
    int[] sorted = others.clone();
    Arrays.sort(sorted);
    int[] union = new int[ascending.length + sorted.length];
    int count = 0;
    int i = 0;
    int j = 0;
    while (i < ascending.length || j < sorted.length) {
      boolean first = j == sorted.length || (i < ascending.length && ascending[i] <= sorted[j]);
      int item = first ? ascending[i++] : sorted[j++];
      if (count == 0 || union[count - 1] != item) {
        union[count++] = item;
      }
    }
    return Arrays.copyOf(union, count);
  }

  @Override
  public void close() {
    encoder.close();
    if (catalogue != null) {
      catalogue.close();
    }
  }
}
