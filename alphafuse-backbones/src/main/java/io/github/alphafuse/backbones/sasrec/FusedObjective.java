package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Ints;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.internal.encoder.FusedEncoder;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.RankingLoss.Contrast;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * SASRec under a ranking loss by hand-derived kernels.
 *
 * <p>Legend: B examples, P targets, K negatives, C = 1 + K candidates, d embedding dimension.
 */
final class FusedObjective implements Objective<TrainingBatch> {
  /** The fewest examples per thread. */
  private static final int LEAST = 8;

  /** The number of parts of a batch per thread. Short parts balance the load. */
  private static final int PARTS = 4;

  private final ItemEmbedding items;
  private final RankingLoss loss;
  private final FusedEncoder encoder;
  private static final ExcludedItems NOTHING = new ExcludedItems(new int[0], new int[0]);

  private final ItemOrder order = new ItemOrder();
  private final int[] catalogue; // [N], for a loss over it
  private final @Nullable SoftmaxHead softmax;
  private final @Nullable SampledHead sampled;
  private SoftmaxHead.Candidates candidates =
      new SoftmaxHead.Candidates(new int[0], new double[0], NOTHING, SoftmaxHead.Own.COUNTED);

  FusedObjective(TrainingTask task) {
    this.items = task.items();
    this.loss = task.loss();
    this.encoder = FusedEncoder.forTraining(task.weights(), task.positions());
    this.sampled =
        loss.sampledKernel()
            .map(
                kernel ->
                    new SampledHead(
                        items,
                        kernel,
                        new SampledHead.Candidates(1 + loss.negatives(), loss.similarity(), order)))
            .orElse(null);
    this.softmax = sampled == null ? new SoftmaxHead(items, temperature(loss)) : null;
    this.catalogue =
        loss.contrast() == Contrast.CATALOGUE
            ? IntStream.range(0, items.itemCount()).toArray()
            : new int[0];
  }

  private static double temperature(RankingLoss loss) {
    return loss instanceof FullSoftmax full
        ? full.temperature()
        : ((SampledSoftmax) loss).temperature();
  }

  /** Whether these kernels can compute a model under a loss. */
  static boolean supports(EncoderWeights weights, RankingLoss loss) {
    return FusedEncoder.supports(weights)
        && ((loss.contrast() == Contrast.NEGATIVES && loss.sampledKernel().isPresent())
            || loss instanceof FullSoftmax
            || loss instanceof SampledSoftmax);
  }

  @Override
  public int negatives() {
    return loss.negatives();
  }

  @Override
  public double gradients(TrainingBatch batch, RandomGenerator random, Gradients gradients) {
    PaddedBatch examples = batch.examples();
    int size = examples.size();
    encoder.refresh();
    encoder.begin(examples, random);
    int parts = Math.max(1, Math.min(size / LEAST, PARTS * Workers.count()));
    int before = catalogue.length == 0 || loss.excludesHistory() ? 1 : 0;
    if (catalogue.length > 0) {
      gradients.clear(items.parameters().keySet());
      candidates = overCatalogue(NOTHING);
    }
    Workers.run(
        before + parts,
        task -> {
          if (task < before) {
            start(batch, gradients);
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
            : requireNonNull(softmax)
                .apply(
                    new SoftmaxHead.Inputs(
                        encoder.users().floats(),
                        examples.targets(),
                        encoder.userGradients().floats()),
                    candidates,
                    gradients);
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
    return value / examples.targets().length;
  }

  private void start(TrainingBatch batch, Gradients gradients) {
    int[] history = encoder.items(0, batch.examples().size());
    if (sampled != null) {
      order.sort(targetsAndNegatives(batch), items.itemCount());
      items.start(union(order.unique(), history), gradients);
    } else if (catalogue.length > 0) {
      candidates = overCatalogue(ExcludedItems.of(batch.examples(), loss, order));
    } else {
      int[] targets = batch.examples().targets();
      items.start(union(batch.shared().items(), Ints.concat(targets, history)), gradients);
      candidates =
          new SoftmaxHead.Candidates(
              batch.shared().items(),
              batch.shared().weights(),
              ExcludedItems.of(batch.examples(), loss, order),
              areAmong(targets, batch.shared().items())
                  ? SoftmaxHead.Own.LISTED
                  : SoftmaxHead.Own.APART);
    }
  }

  private static boolean areAmong(int[] items, int[] ascending) {
    for (int item : items) {
      if (Arrays.binarySearch(ascending, item) < 0) {
        return false;
      }
    }
    return true;
  }

  private SoftmaxHead.Candidates overCatalogue(ExcludedItems excluded) {
    return new SoftmaxHead.Candidates(catalogue, new double[0], excluded, SoftmaxHead.Own.COUNTED);
  }

  /** Targets and negatives [P, C]. */
  private int[] targetsAndNegatives(TrainingBatch batch) {
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
    if (softmax != null) {
      softmax.close();
    }
  }
}
