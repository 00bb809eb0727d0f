package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.RankingModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options that trainers have in common; each is checked where it is set. Not thread-safe.
 *
 * @param <B> the trainer's own builder
 */
public abstract class TrainerBuilder<B extends TrainerBuilder<B>> {
  private static final Logger LOG = LoggerFactory.getLogger(TrainerBuilder.class);

  double learningRate;
  LearningRateSchedule schedule = LearningRateSchedule.constant();
  double weightDecay;
  int batchSize;
  int epochs = 500;
  long seed = 22;
  Metric metric;
  int patience;
  int evaluateEvery = 1;
  TrainingListener listener = TrainingListener.NONE;
  @Nullable Path checkpoint;

  TrainerBuilder(double learningRate, int batchSize, Metric metric, int patience) {
    this.learningRate = learningRate;
    this.batchSize = batchSize;
    this.metric = metric;
    this.patience = patience;
  }

  abstract B self();

  /** Says that a split has nothing to choose the best epoch by. */
  final void warnOfNoValidation() {
    LOG.warn(
        "the data have no validation part: metric {} and patience {} have no effect, all {} epochs"
            + " are made, and the weights of the last one are kept",
        metric,
        patience,
        epochs);
  }

  /** The options by name, for the provenance of a model. */
  final ImmutableMap.Builder<String, String> describe(RankingModel model, Loss loss) {
    ImmutableMap.Builder<String, String> described =
        ImmutableMap.<String, String>builder().put("model", model.toString());
    if (!model.textOrigin().preparation().isEmpty()) {
      described.put(Checkpoint.TEXT_PREPARATION, model.textOrigin().preparation());
    }
    return described
        .put("loss", loss.toString())
        .put("learningRate", String.valueOf(learningRate))
        .put("learningRateSchedule", schedule.toString())
        .put("weightDecay", String.valueOf(weightDecay))
        .put("batchSize", String.valueOf(batchSize))
        .put("epochs", String.valueOf(epochs))
        .put("seed", String.valueOf(seed))
        .put("metric", metric.toString())
        .put("patience", String.valueOf(patience))
        .put("evaluateEvery", String.valueOf(evaluateEvery));
  }

  /**
   * Sets the learning rate of Adam. The default is 1e-3, and 5e-4 for graph models.
   *
   * @param learningRate a positive and finite number
   * @return this builder
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B learningRate(double learningRate) {
    checkArgument(
        learningRate > 0 && Double.isFinite(learningRate),
        "learningRate must be positive and finite, found %s",
        learningRate);
    this.learningRate = learningRate;
    return self();
  }

  /**
   * Sets how the learning rate changes from step to step. The default is constant.
   *
   * @param learningRateSchedule the schedule
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B learningRateSchedule(LearningRateSchedule learningRateSchedule) {
    this.schedule = learningRateSchedule;
    return self();
  }

  /**
   * Sets the share of each weight that is added to its gradient (L2 regularisation). The default is
   * 1e-6, and 0 for graph models.
   *
   * @param weightDecay a number of at least 0
   * @return this builder
   * @throws IllegalArgumentException if negative or not finite
   */
  @CanIgnoreReturnValue
  public B weightDecay(double weightDecay) {
    checkArgument(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "weightDecay must be finite and at least 0, found %s",
        weightDecay);
    this.weightDecay = weightDecay;
    return self();
  }

  /**
   * Sets the number of examples per step, or of pairs for graph models. The default is 256, and
   * 2048 for graph models.
   *
   * @param batchSize a number of at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B batchSize(int batchSize) {
    checkArgument(batchSize >= 1, "batchSize must be at least 1, found %s", batchSize);
    this.batchSize = batchSize;
    return self();
  }

  /**
   * Sets the largest number of epochs. The default is 500.
   *
   * @param epochs a number of at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B epochs(int epochs) {
    checkArgument(epochs >= 1, "epochs must be at least 1, found %s", epochs);
    this.epochs = epochs;
    return self();
  }

  /**
   * Sets the seed of all random numbers: order or pairs, negatives and dropout. The default is 22.
   *
   * @param seed any number
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B seed(long seed) {
    this.seed = seed;
    return self();
  }

  /**
   * Sets the metric that determines the best epoch, and when training stops early. The default is
   * NDCG@20 with a patience of 50 evaluations, and Recall@20 with 20 for graph models.
   *
   * @param metric the validation metric
   * @param patience the number of evaluations without a gain after which training stops, at least 1
   * @return this builder
   * @throws IllegalArgumentException if patience is below 1
   */
  @CanIgnoreReturnValue
  public B earlyStopping(Metric metric, int patience) {
    checkArgument(patience >= 1, "patience must be at least 1, found %s", patience);
    this.metric = metric;
    this.patience = patience;
    return self();
  }

  /**
   * Sets the number of epochs after which an evaluation is made. There is always one after the last
   * epoch. The default is 1.
   *
   * @param evaluateEvery a number of at least 1
   * @return this builder
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B evaluateEvery(int evaluateEvery) {
    checkArgument(evaluateEvery >= 1, "evaluateEvery must be at least 1, found %s", evaluateEvery);
    this.evaluateEvery = evaluateEvery;
    return self();
  }

  /**
   * Sets the listener that receives the progress of training. The default does nothing.
   *
   * @param listener the listener
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B listener(TrainingListener listener) {
    this.listener = listener;
    return self();
  }

  /**
   * Sets the file to which the whole state of training is saved after each epoch. If it exists,
   * training continues from it and gives the same weights as without an interruption; the listener
   * receives the reports of its epochs again. By default nothing is saved.
   *
   * @param checkpoint the file; an existing file is replaced only by a complete one
   * @return this builder
   */
  @CanIgnoreReturnValue
  public B checkpoint(Path checkpoint) {
    this.checkpoint = checkpoint;
    return self();
  }
}
