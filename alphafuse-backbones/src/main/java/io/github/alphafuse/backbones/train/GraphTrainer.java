package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.UserRanking;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.GraphObjective;
import io.github.alphafuse.backbones.graphcf.PairSampler;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a graph model on the edges of its graph: pairs, negatives, steps, evaluation after an
 * epoch, early stopping, and the best weights in the end.
 *
 * <p>An epoch draws as many pairs as the graph has edges: a user uniformly, with replacement, then
 * one of its items. What is said of seeds, numbers that are not finite and checkpoints at {@link
 * Trainer} holds here too. Not thread-safe; the model must not be used by others while it is
 * trained.
 */
public final class GraphTrainer {
  private final GraphModel model;
  private final Loss loss;
  private final Builder options;

  private GraphTrainer(Builder options, Loss loss) {
    this.model = options.model;
    this.loss = loss;
    this.options = options;
  }

  /**
   * A builder with the published defaults: Adam at 5e-4 without decay, batches of 2048. At most 500
   * epochs, patience of 20 evaluations on validation Recall@20 after each epoch. The loss has no
   * default.
   *
   * @param model the model to train
   * @return the builder
   */
  public static Builder builder(GraphModel model) {
    return new Builder(model);
  }

  private TrainingReport run(@Nullable UserItems validation) {
    try (GraphObjective objective = model.objective(loss, options.egoDecay)) {
      return TrainingLoop.run(
          new Pairs(objective, validation),
          new TrainingLoop.Plan(
              options.epochs,
              options.batchSize,
              options.seed,
              options.metric,
              options.patience,
              options.evaluateEvery,
              options.listener,
              options.checkpoint));
    }
  }

  /** Pairs of the graph's edges, and what an epoch draws for them. */
  private final class Pairs implements TrainingLoop.Work {
    private final GraphObjective objective;
    private final @Nullable UserItems validation;
    private final PairSampler sampler;
    private SplittableRandom random = new SplittableRandom(0);

    Pairs(GraphObjective objective, @Nullable UserItems validation) {
      this.objective = objective;
      this.validation = validation;
      this.sampler = PairSampler.of(model.graph(), objective.negatives());
    }

    @Override
    public ImmutableMap<String, Tensor> parameters() {
      return model.parameters();
    }

    @Override
    public Optimizer optimizer() {
      return Adam.builder(model.parameters())
          .learningRate(options.learningRate)
          .weightDecay(options.weightDecay)
          .build();
    }

    @Override
    public int examples() {
      return model.graph().edgeCount();
    }

    @Override
    public void startEpoch(SplittableRandom source) {
      this.random = source;
    }

    @Override
    public double gradients(int from, int to, Gradients gradients) {
      return objective.gradients(sampler.sample(to - from, random), gradients);
    }

    @Override
    public boolean validates() {
      return validation != null;
    }

    @Override
    public Evaluation evaluate() {
      try (UserScorer scorer = model.userScorer()) {
        return options.evaluator.evaluate(
            scorer, model.graph().interactions(), requireNonNull(validation));
      }
    }

    @Override
    public String settings() {
      return String.format(
          Locale.ROOT,
          "%s, rate %s, decay %s, ego decay %s, batch %d, seed %d, %s every %d, %s",
          loss,
          options.learningRate,
          options.weightDecay,
          options.egoDecay,
          options.batchSize,
          options.seed,
          options.metric,
          options.evaluateEvery,
          model);
    }
  }

  /** Options of a {@link GraphTrainer}; each is checked where it is set. Not thread-safe. */
  public static final class Builder {
    private final GraphModel model;
    private @Nullable Loss loss;
    private double learningRate = 5e-4;
    private double weightDecay;
    private double egoDecay;
    private int batchSize = 2048;
    private int epochs = 500;
    private long seed = 22;
    private Metric metric = Metric.recall(20);
    private int patience = 20;
    private int evaluateEvery = 1;
    private UserRanking evaluator = UserRanking.ofUnseen();
    private TrainingListener listener = TrainingListener.NONE;
    private @Nullable Path checkpoint;

    private Builder(GraphModel model) {
      this.model = model;
    }

    /**
     * The loss.
     *
     * @param toMinimize a loss that the model takes
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder loss(Loss toMinimize) {
      this.loss = toMinimize;
      return this;
    }

    /**
     * The learning rate of Adam.
     *
     * @param rate positive and finite; 5e-4 where it is not set
     * @return this
     * @throws IllegalArgumentException if not positive and finite
     */
    @CanIgnoreReturnValue
    public Builder learningRate(double rate) {
      checkArgument(
          rate > 0 && Double.isFinite(rate),
          "learningRate must be positive and finite, found %s",
          rate);
      this.learningRate = rate;
      return this;
    }

    /**
     * The share of each weight that is added to its gradient (L2 regularisation), as AlphaRec takes
     * it.
     *
     * @param decay at least 0; 0 where it is not set
     * @return this
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder weightDecay(double decay) {
      checkArgument(
          decay >= 0 && Double.isFinite(decay),
          "weightDecay must be finite and at least 0, found %s",
          decay);
      this.weightDecay = decay;
      return this;
    }

    /**
     * The factor of the squared lengths of the trained rows of a batch's nodes, as LightGCN takes
     * it: halved, divided by the batch size, repeated rows counted each time.
     *
     * @param decay at least 0; 0 where it is not set
     * @return this
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder egoDecay(double decay) {
      checkArgument(
          decay >= 0 && Double.isFinite(decay),
          "egoDecay must be finite and at least 0, found %s",
          decay);
      this.egoDecay = decay;
      return this;
    }

    /**
     * The number of pairs a step. A step propagates over the whole graph whatever its batch, so
     * larger ones make an epoch faster.
     *
     * @param size at least 1; 2048 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder batchSize(int size) {
      checkArgument(size >= 1, "batchSize must be at least 1, found %s", size);
      this.batchSize = size;
      return this;
    }

    /**
     * The most epochs.
     *
     * @param most at least 1; 500 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder epochs(int most) {
      checkArgument(most >= 1, "epochs must be at least 1, found %s", most);
      this.epochs = most;
      return this;
    }

    /**
     * The seed of pairs and negatives.
     *
     * @param start any number; 22 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder seed(long start) {
      this.seed = start;
      return this;
    }

    /**
     * When training stops early, and which epoch is the best.
     *
     * @param by the validation metric; Recall@20 where it is not set
     * @param evaluations how many evaluations without a gain end training, at least 1; 20 where it
     *     is not set
     * @return this
     * @throws IllegalArgumentException if evaluations is below 1
     */
    @CanIgnoreReturnValue
    public Builder earlyStopping(Metric by, int evaluations) {
      checkArgument(evaluations >= 1, "patience must be at least 1, found %s", evaluations);
      this.metric = by;
      this.patience = evaluations;
      return this;
    }

    /**
     * After how many epochs an evaluation is made; one is made after the last epoch as well.
     *
     * @param interval at least 1; 1 where it is not set
     * @return this
     * @throws IllegalArgumentException if below 1
     */
    @CanIgnoreReturnValue
    public Builder evaluateEvery(int interval) {
      checkArgument(interval >= 1, "evaluateEvery must be at least 1, found %s", interval);
      this.evaluateEvery = interval;
      return this;
    }

    /**
     * What evaluates the validation items; those of the graph are left out of the ranking.
     *
     * @param protocol the ranking; cut-offs 1, 10 and 20 where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder evaluator(UserRanking protocol) {
      this.evaluator = protocol;
      return this;
    }

    /**
     * Who is told how training goes.
     *
     * @param told the listener; nobody where it is not set
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder listener(TrainingListener told) {
      this.listener = told;
      return this;
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
    public Builder checkpoint(Path file) {
      this.checkpoint = file;
      return this;
    }

    /**
     * Trains with early stopping; the model has the best weights afterwards.
     *
     * @param validation items of the graph's users that are not edges of it
     * @return what training came to
     * @throws IllegalArgumentException if the users or items differ, none is relevant, a user has
     *     fewer unseen items than the loss takes negatives, or the model does not take the loss
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(UserItems validation) {
      UserItems edges = model.graph().interactions();
      checkArgument(
          validation.users().equals(edges.users()) && validation.itemCount() == edges.itemCount(),
          "validation must be of the graph's %s users and %s items, found %s",
          edges.userCount(),
          edges.itemCount(),
          validation);
      checkArgument(validation.size() > 0, "validation must have at least one item, found none");
      return build().run(validation);
    }

    /**
     * Trains for all epochs, without evaluation; the model has the last weights afterwards.
     *
     * @return what training came to
     * @throws IllegalArgumentException if a user has fewer unseen items than the loss takes
     *     negatives, or the model does not take the loss
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit() {
      return build().run(null);
    }

    private GraphTrainer build() {
      Loss chosen = loss;
      checkState(chosen != null, "no loss: set one, for example InfoNce.withNegatives(256)");
      return new GraphTrainer(this, chosen);
    }
  }
}
