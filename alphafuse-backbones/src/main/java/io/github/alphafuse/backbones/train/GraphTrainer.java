package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.UserEvaluator;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.PairBatch;
import io.github.alphafuse.backbones.graphcf.PairSampler;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.embedding.Gradients;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains a graph model on the edges of its graph: pairs, negatives, steps, evaluation after an
 * epoch, early stopping, and the best weights in the end.
 *
 * <p>An epoch draws as many pairs as the graph has edges: a user uniformly, with replacement, then
 * one of its items. Seeds, numbers that are not finite and checkpoints are handled as by {@link
 * Trainer}. Not thread-safe; the model must not be used by others while it is trained.
 */
public final class GraphTrainer {
  private GraphTrainer() {}

  /**
   * A builder with the published defaults. The loss has no default and must be set.
   *
   * @param model the model to train
   * @return the builder
   */
  public static Builder builder(GraphModel model) {
    return new Builder(model);
  }

  /** Pairs of the graph's edges, and their random draw for an epoch. */
  private static final class Pairs implements TrainingLoop.Work {
    private final Builder options;
    private final GraphModel model;
    private final Loss loss;
    private final Objective<PairBatch> objective;
    private final @Nullable UserItems validation;
    private final ImmutableList<String> preparation;
    private final PairSampler sampler;
    private SplittableRandom random = new SplittableRandom(0);

    Pairs(Builder options, Objective<PairBatch> objective, Data data) {
      this.options = options;
      this.model = options.model;
      this.loss = options.requireLoss();
      this.objective = objective;
      this.validation = data.validation;
      this.preparation = data.preparation;
      this.sampler = PairSampler.of(model.graph(), objective.negatives());
    }

    @Override
    public RankingModel model() {
      return model;
    }

    @Override
    public Provenance.Data data() {
      return new Provenance.Data(
          model.vocabulary().digest(),
          model.textOrigin().digest(),
          model.graph().interactions().digest(),
          Optional.ofNullable(validation).map(UserItems::digest),
          examples(),
          preparation);
    }

    @Override
    public Fallback fallback() {
      return Fallback.ofCounts(
          "popularity in the graph", model.graph().interactions().itemFrequencies());
    }

    @Override
    public ImmutableMap<String, String> options() {
      return options
          .describe(model, loss)
          .put("egoDecay", String.valueOf(options.egoDecay))
          .buildOrThrow();
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
      return objective.gradients(sampler.sample(to - from, random), random, gradients);
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
    public ImmutableIntArray relevant() {
      UserItems items = validation;
      return items == null
          ? ImmutableIntArray.of()
          : ImmutableIntArray.copyOf(
              IntStream.range(0, items.userCount()).map(items::count).filter(count -> count > 0));
    }

    @Override
    public String settings() {
      return String.format(
          Locale.ROOT,
          "%s, rate %s%s, decay %s, ego decay %s, batch %d, seed %d, %s every %d, %s",
          loss,
          options.learningRate,
          options.schedule.describe(options.epochs),
          options.weightDecay,
          options.egoDecay,
          options.batchSize,
          options.seed,
          options.metric,
          options.evaluateEvery,
          model);
    }
  }

  /** Validation items where there are some, and how the data were made. */
  private record Data(@Nullable UserItems validation, ImmutableList<String> preparation) {}

  /**
   * Options of a {@link GraphTrainer}; each is checked where it is set. Not thread-safe, and not to
   * be changed while it trains.
   */
  public static final class Builder extends TrainerBuilder<Builder> {
    private final GraphModel model;
    private @Nullable Loss loss;
    private double egoDecay;
    private UserEvaluator evaluator = UserEvaluator.unseenRanking();

    private Builder(GraphModel model) {
      super(5e-4, 2048, Metric.recall(20), 20);
      this.model = model;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the loss. It must be set.
     *
     * @param loss {@link io.github.alphafuse.backbones.loss.Bpr} for a model that scores by inner
     *     product, {@link io.github.alphafuse.backbones.loss.InfoNce} for one that scores by cosine
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder loss(Loss loss) {
      this.loss = loss;
      return this;
    }

    /**
     * Sets the regularisation factor of LightGCN: egoDecay / (2 B) times the squared lengths of the
     * trained rows of a batch's nodes is added to the loss, where B is the batch size and repeated
     * rows count each time. The default is 0.
     *
     * @param egoDecay a number of at least 0
     * @return this builder
     * @throws IllegalArgumentException if negative or not finite
     */
    @CanIgnoreReturnValue
    public Builder egoDecay(double egoDecay) {
      checkArgument(
          egoDecay >= 0 && Double.isFinite(egoDecay),
          "egoDecay must be finite and at least 0, found %s",
          egoDecay);
      this.egoDecay = egoDecay;
      return this;
    }

    /**
     * Sets the ranking of the validation items, in which those of the graph are left out. The
     * default has cut-offs 1, 10 and 20.
     *
     * @param evaluator the ranking
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder evaluator(UserEvaluator evaluator) {
      this.evaluator = evaluator;
      return this;
    }

    /**
     * Trains with early stopping. The model has the best weights afterwards.
     *
     * @param validation items of the graph's users that are not edges of the graph
     * @return the result of training
     * @throws IllegalArgumentException if the users or items differ, none is relevant, a user has
     *     fewer unseen items than the loss takes negatives, or the model does not accept the loss
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(UserItems validation) {
      return fit(new Data(validation, ImmutableList.of()));
    }

    private TrainingReport fit(Data data) {
      UserItems validation = requireNonNull(data.validation);
      UserItems edges = model.graph().interactions();
      checkArgument(
          validation.users().equals(edges.users()) && validation.itemCount() == edges.itemCount(),
          "validation must be of the graph's %s users and %s items, found %s",
          edges.userCount(),
          edges.itemCount(),
          validation);
      edges.vocabulary().requireSame("graph", "validation", validation.vocabulary());
      checkArgument(validation.size() > 0, "validation must have at least one item, found none");
      return run(data);
    }

    /**
     * Trains on a split whose training part is the model's graph. Where it has a validation part,
     * training stops early and the model has the best weights afterwards, else the last ones:
     * metric and patience then have no effect, which is logged as a warning.
     *
     * @param data a split of the graph's users and items
     * @return what training came to
     * @throws IllegalArgumentException if the training part is not the model's graph, or as {@link
     *     #fit(UserItems)}
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(InteractionSplit data) {
      UserItems edges = model.graph().interactions();
      edges.vocabulary().requireSame("graph", "data", data.vocabulary());
      checkArgument(
          data.train().equals(edges),
          "data must have the model's graph as its training part, found %s beside %s",
          data.train(),
          edges);
      if (data.validation().size() > 0) {
        return fit(new Data(data.validation(), data.preparation()));
      }
      warnOfNoValidation();
      return run(new Data(null, data.preparation()));
    }

    /**
     * Trains for all epochs, without evaluation; the model has the last weights afterwards.
     *
     * @return the result of training
     * @throws IllegalArgumentException if a user has fewer unseen items than the loss takes
     *     negatives, or the model does not accept the loss
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit() {
      return run(new Data(null, ImmutableList.of()));
    }

    private TrainingReport run(Data data) {
      try (Objective<PairBatch> objective = model.objective(requireLoss(), egoDecay)) {
        return TrainingLoop.run(new Pairs(this, objective, data), this);
      }
    }

    private Loss requireLoss() {
      Loss chosen = loss;
      checkState(chosen != null, "no loss: set one, for example InfoNce.withNegatives(256)");
      return chosen;
    }
  }
}
