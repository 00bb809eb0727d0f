package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.model.Loss;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The options that trainers have in common; each is checked where it is set. The defaults that
 * differ are those of {@link Trainer#builder} and {@link GraphTrainer#builder}. Not thread-safe.
 *
 * @param <B> the trainer's own builder
 */
public abstract class TrainerBuilder<B extends TrainerBuilder<B>> {
  @Nullable Loss loss;
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

  /**
   * The loss.
   *
   * @param toMinimize a loss that the model takes
   * @return this
   */
  @CanIgnoreReturnValue
  public B loss(Loss toMinimize) {
    this.loss = toMinimize;
    return self();
  }

  /**
   * The learning rate of Adam.
   *
   * @param rate positive and finite
   * @return this
   * @throws IllegalArgumentException if not positive and finite
   */
  @CanIgnoreReturnValue
  public B learningRate(double rate) {
    checkArgument(
        rate > 0 && Double.isFinite(rate),
        "learningRate must be positive and finite, found %s",
        rate);
    this.learningRate = rate;
    return self();
  }

  /**
   * How the learning rate changes from step to step.
   *
   * @param learningRateSchedule the schedule; constant where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B learningRateSchedule(LearningRateSchedule learningRateSchedule) {
    this.schedule = learningRateSchedule;
    return self();
  }

  /**
   * The share of each weight that is added to its gradient (L2 regularisation).
   *
   * @param decay at least 0
   * @return this
   * @throws IllegalArgumentException if negative or not finite
   */
  @CanIgnoreReturnValue
  public B weightDecay(double decay) {
    checkArgument(
        decay >= 0 && Double.isFinite(decay),
        "weightDecay must be finite and at least 0, found %s",
        decay);
    this.weightDecay = decay;
    return self();
  }

  /**
   * The number of examples, or pairs of a graph model, a step.
   *
   * @param size at least 1
   * @return this
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B batchSize(int size) {
    checkArgument(size >= 1, "batchSize must be at least 1, found %s", size);
    this.batchSize = size;
    return self();
  }

  /**
   * The most epochs.
   *
   * @param most at least 1; 500 where it is not set
   * @return this
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B epochs(int most) {
    checkArgument(most >= 1, "epochs must be at least 1, found %s", most);
    this.epochs = most;
    return self();
  }

  /**
   * The seed of all that is drawn: order or pairs, negatives and dropout.
   *
   * @param start any number; 22 where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B seed(long start) {
    this.seed = start;
    return self();
  }

  /**
   * When training stops early, and which epoch is the best.
   *
   * @param by the validation metric
   * @param evaluations how many evaluations without a gain end training, at least 1
   * @return this
   * @throws IllegalArgumentException if evaluations is below 1
   */
  @CanIgnoreReturnValue
  public B earlyStopping(Metric by, int evaluations) {
    checkArgument(evaluations >= 1, "patience must be at least 1, found %s", evaluations);
    this.metric = by;
    this.patience = evaluations;
    return self();
  }

  /**
   * After how many epochs an evaluation is made; one is made after the last epoch as well.
   *
   * @param interval at least 1; 1 where it is not set
   * @return this
   * @throws IllegalArgumentException if below 1
   */
  @CanIgnoreReturnValue
  public B evaluateEvery(int interval) {
    checkArgument(interval >= 1, "evaluateEvery must be at least 1, found %s", interval);
    this.evaluateEvery = interval;
    return self();
  }

  /**
   * Who is told how training goes.
   *
   * @param told the listener; nobody where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B listener(TrainingListener told) {
    this.listener = told;
    return self();
  }

  /**
   * The file that the whole state of training is saved to after each epoch. Where it exists
   * already, training goes on from it and comes to the same weights as if it had not stopped; the
   * listener is told of its epochs again.
   *
   * @param file the file, replaced only by a whole one; none where it is not set
   * @return this
   */
  @CanIgnoreReturnValue
  public B checkpoint(Path file) {
    this.checkpoint = file;
    return self();
  }
}
