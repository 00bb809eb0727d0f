package io.github.alphafuse.backbones.sasrec;

import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.encoder.EncoderWeights;
import io.github.alphafuse.backbones.encoder.FusedEncoder;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledKernel;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.CandidateGradients;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.internal.Workers;
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

  private final EncoderWeights weights;
  private final ItemEmbedding items;
  private final RankingLoss loss;
  private final FusedEncoder encoder;
  private final @Nullable CatalogueSoftmax catalogue;
  private final @Nullable SampledKernel sampled;
  private float[] ofUser = new float[0];
  private float[] ofRow = new float[0];

  FusedObjective(EncoderWeights weights, ItemEmbedding items, RankingLoss loss) {
    this.weights = weights;
    this.items = items;
    this.loss = loss;
    this.encoder = FusedEncoder.forTraining(weights);
    this.sampled = loss.sampledKernel().orElse(null);
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
    gradients.clear(items.parameters().keySet());
    encoder.refresh();
    encoder.begin(examples, random);
    items.gather(encoder.items(), encoder.rows());
    double value = catalogue == null ? sampled(batch, gradients) : overCatalogue(batch, gradients);
    encoder.gradients(gradients);
    items.accumulate(encoder.items(), encoder.rowGradients(), gradients);
    return value / size;
  }

  private double overCatalogue(TrainingBatch batch, Gradients gradients) {
    PaddedBatch examples = batch.examples();
    int size = examples.size();
    Workers.split(size, LEAST, encoder::forward);
    double value =
        java.util.Objects.requireNonNull(catalogue)
            .apply(
                new CatalogueSoftmax.Inputs(
                    encoder.users().floats(), examples.targets(), encoder.userGradients().floats()),
                gradients);
    Workers.split(size, LEAST, encoder::backward);
    return value * size;
  }

  private double sampled(TrainingBatch batch, Gradients gradients) {
    int[] targets = batch.examples().targets();
    int size = targets.length;
    int negatives = loss.negatives();
    int candidates = 1 + negatives;
    int[] ids = new int[size * candidates];
    for (int b = 0; b < size; b++) {
      ids[b * candidates] = targets[b];
      System.arraycopy(batch.negatives(), b * negatives, ids, b * candidates + 1, negatives);
    }
    if (ofUser.length < ids.length) {
      ofUser = new float[ids.length];
      ofRow = new float[ids.length];
    }
    double[] losses = new double[size];
    Workers.split(
        size,
        LEAST,
        (from, to) -> {
          encoder.forward(from, to);
          head(from, to, new Candidates(ids, candidates, losses));
          encoder.backward(from, to);
        });
    items.accumulate(
        new CandidateGradients(ids, candidates, encoder.users(), ofUser, ofRow), gradients);
    double total = 0;
    for (double one : losses) {
      total += one;
    }
    return total;
  }

  /** Candidates [B, C], their number an example, and the losses [B]. */
  private record Candidates(int[] ids, int perExample, double[] losses) {}

  private void head(int from, int to, Candidates all) {
    SampledKernel kernel = java.util.Objects.requireNonNull(sampled);
    int count = all.perExample();
    int dim = items.dim();
    SampledKernel.Example example = new SampledKernel.Example(dim, count, all.losses().length);
    Tensor rows = Tensor.of(example.rows(), count, dim);
    int[] ids = new int[count];
    float[] users = encoder.users().floats();
    float[] userGradients = encoder.userGradients().floats();
    for (int b = from; b < to; b++) {
      System.arraycopy(all.ids(), b * count, ids, 0, count);
      items.gather(ids, rows);
      System.arraycopy(users, b * dim, example.user(), 0, dim);
      all.losses()[b] = kernel.apply(example);
      System.arraycopy(example.userGradient(), 0, userGradients, b * dim, dim);
      System.arraycopy(example.ofUser(), 0, ofUser, b * count, count);
      System.arraycopy(example.ofRow(), 0, ofRow, b * count, count);
    }
  }

  @Override
  public void close() {
    encoder.close();
    if (catalogue != null) {
      catalogue.close();
    }
  }
}
