package io.github.alphafuse.backbones.train;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.PaddedBatch;
import io.github.alphafuse.backbones.data.Positions;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.loss.NegativeSampler;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SharedSampler;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.Loss;
import io.github.alphafuse.backbones.model.Objective;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.TrainingBatch;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model: batches, negatives, steps, evaluation after an epoch, early stopping, and the
 * best weights in the end.
 *
 * <p>A run with the same seed is exactly repeatable if the number of threads is the same ({@code
 * alphafuse.threads} and those of the BLAS), because sums over threads differ in their last bits.
 * Order, negatives and dropout are drawn from the seed again for each epoch. A step whose loss or
 * gradient is not finite is not made. Training stops there, and the model keeps the best weights so
 * far. Not thread-safe; the model must not be used by others while it is trained.
 */
public final class Trainer {
  private Trainer() {}

  /**
   * A builder with the published defaults. The loss has no default and must be set.
   *
   * @param model the model to train
   * @param <L> the kind of loss that trains it
   * @return the builder
   */
  public static <L extends Loss> Builder<L> builder(SequenceModel<L> model) {
    return new Builder<>(model);
  }

  /** Histories and their targets, and their random draw for an epoch. */
  private static final class Sequences implements TrainingLoop.Work {
    private final Builder<?> options;
    private final SequenceModel<?> model;
    private final Loss loss;
    private final Objective<TrainingBatch> objective;
    private final Examples train;
    private final @Nullable Examples validation;
    private final ImmutableList<String> preparation;
    private final Optional<long[]> recentFrequencies;
    private final @Nullable NegativeSampler sampler;
    private final @Nullable SharedSampler shared;
    private int[] order = new int[0];
    private SplittableRandom negatives = new SplittableRandom(0);
    private SplittableRandom dropout = new SplittableRandom(0);

    Sequences(Builder<?> options, Objective<TrainingBatch> objective, Data data) {
      this.options = options;
      this.model = options.model;
      this.loss = options.requireLoss();
      this.objective = objective;
      this.train = data.train;
      this.validation = data.validation;
      this.preparation = data.preparation;
      this.recentFrequencies = data.recentFrequencies;
      this.sampler = objective.negatives() > 0 ? NegativeSampler.uniform(train.itemCount()) : null;
      this.shared =
          loss instanceof RankingLoss ranking
              ? ranking
                  .sharedNegatives()
                  .map(
                      drawn ->
                          drawn.sampler(
                              train.targetFrequencies(model.maxLength(), options.positions)))
                  .orElse(null)
              : null;
    }

    @Override
    public RankingModel model() {
      return model;
    }

    @Override
    public Optional<ItemEmbedding> items() {
      return Optional.of(model.items());
    }

    @Override
    public Provenance.Data data() {
      return new Provenance.Data(
          model.vocabulary().digest(),
          model.textOrigin().digest(),
          train.digest(),
          Optional.ofNullable(validation).map(Examples::digest),
          train.size(),
          preparation);
    }

    @Override
    public Fallback fallback() {
      return recentFrequencies
          .map(counts -> Fallback.ofCounts("popularity in the newest tenth of the data", counts))
          .orElseGet(
              () ->
                  Fallback.ofCounts(
                      "popularity among the newest items of the users",
                      train.targetFrequencies(1, Positions.LAST)));
    }

    /** Nothing for the default, so that files of earlier versions fit. */
    private String sampleSeed() {
      return options.evaluator.seed() == 0 ? "" : " of seed " + options.evaluator.seed();
    }

    @Override
    public ImmutableMap<String, String> options() {
      return options
          .describe(model, loss)
          .put("positions", options.positions.name())
          .put("shuffle", String.valueOf(options.shuffle))
          .put("decoupledWeightDecay", String.valueOf(options.decoupledWeightDecay))
          .put("lazyAdam", String.valueOf(options.lazyAdam))
          .put(
              "ranking",
              (options.evaluator.negatives() == 0
                      ? "all items"
                      : options.evaluator.negatives() + " sampled items" + sampleSeed())
                  + (options.evaluator.masksSeen() ? " without seen ones" : ""))
          .buildOrThrow();
    }

    @Override
    public Optimizer optimizer() {
      return Adam.builder(model.parameters())
          .learningRate(options.learningRate)
          .weightDecay(options.weightDecay)
          .decoupledWeightDecay(options.decoupledWeightDecay)
          .lazyTables(options.lazyAdam ? itemTables() : ImmutableSet.of())
          .build();
    }

    /** The trained tables with one row per item, without the other parameters of the items. */
    private ImmutableSet<String> itemTables() {
      ImmutableSet.Builder<String> tables = ImmutableSet.builder();
      model
          .items()
          .parameters()
          .forEach(
              (name, value) -> {
                if (value.rank() == 2 && value.shape(0) >= model.items().itemCount()) {
                  tables.add(name);
                }
              });
      return tables.build();
    }

    @Override
    public int examples() {
      return train.size();
    }

    @Override
    public void startEpoch(SplittableRandom source) {
      this.order = order(source.split());
      this.negatives = source.split();
      this.dropout = source.split();
    }

    @Override
    public double gradients(int from, int to, Gradients gradients) {
      PaddedBatch examples =
          train.batch(Arrays.copyOfRange(order, from, to), model.maxLength(), options.positions);
      if (shared != null) {
        return objective.gradients(
            new TrainingBatch(examples, shared.sample(examples.targets(), negatives)),
            dropout,
            gradients);
      }
      int[] drawn =
          sampler == null
              ? new int[0]
              : sampler.sample(examples.targets(), objective.negatives(), negatives);
      return objective.gradients(new TrainingBatch(examples, drawn), dropout, gradients);
    }

    @Override
    public long targets(int from, int to) {
      long count = 0;
      for (int i = from; i < to; i++) {
        count += train.targetCount(order[i], model.maxLength(), options.positions);
      }
      return count;
    }

    @Override
    public boolean validates() {
      return validation != null;
    }

    @Override
    public Evaluation evaluate() {
      return options.evaluator.evaluate(model, requireNonNull(validation));
    }

    @Override
    public ImmutableIntArray relevant() {
      int[] one = new int[validation == null ? 0 : validation.size()];
      Arrays.fill(one, 1);
      return ImmutableIntArray.copyOf(one);
    }

    private int[] order(SplittableRandom random) {
      int[] indices = new int[train.size()];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = i;
      }
      if (options.shuffle) {
        for (int i = indices.length - 1; i > 0; i--) {
          int j = random.nextInt(i + 1);
          int swapped = indices[i];
          indices[i] = indices[j];
          indices[j] = swapped;
        }
      }
      return indices;
    }

    @Override
    public String settings() {
      return String.format(
          Locale.ROOT,
          "%s%s, rate %s%s, decay %s%s%s, batch %d, shuffle %s, seed %d, %s every %d, %d examples, %s",
          loss,
          options.positions == Positions.EVERY ? " at every position" : "",
          options.learningRate,
          options.schedule.describe(options.epochs),
          options.weightDecay,
          options.decoupledWeightDecay ? " decoupled" : "",
          options.lazyAdam ? ", lazy Adam" : "",
          options.batchSize,
          options.shuffle,
          options.seed,
          options.metric
              + (options.evaluator.negatives() == 0
                  ? ""
                  : " among sampled " + options.evaluator.negatives() + sampleSeed())
              + (options.evaluator.masksSeen() ? " without seen items" : ""),
          options.evaluateEvery,
          train.size(),
          model);
    }
  }

  /** Training examples, validation examples where there are some, and how they were made. */
  private record Data(
      Examples train,
      @Nullable Examples validation,
      ImmutableList<String> preparation,
      Optional<long[]> recentFrequencies) {}

  /**
   * Options of a {@link Trainer}; each is checked where it is set. Not thread-safe, and not to be
   * changed while it trains.
   *
   * @param <L> the kind of loss that trains the model
   */
  public static final class Builder<L extends Loss> extends TrainerBuilder<Builder<L>> {
    private final SequenceModel<L> model;
    private @Nullable L loss;
    private boolean shuffle = true;
    private Positions positions = Positions.LAST;
    private Evaluator evaluator = Evaluator.fullRanking();
    private boolean decoupledWeightDecay;
    private boolean lazyAdam;

    private Builder(SequenceModel<L> model) {
      super(1e-3, 256, Metric.ndcg(20), 50);
      this.weightDecay = 1e-6;
      this.model = model;
    }

    @Override
    Builder<L> self() {
      return this;
    }

    /**
     * Sets the loss. It must be set.
     *
     * @param loss a loss of the kind that trains the model
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> loss(L loss) {
      this.loss = loss;
      return this;
    }

    /**
     * Sets whether the decay shrinks weights directly (AdamW) instead of being added to their
     * gradients (Adam). The default is false.
     *
     * @param decoupledWeightDecay whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> decoupledWeightDecay(boolean decoupledWeightDecay) {
      this.decoupledWeightDecay = decoupledWeightDecay;
      return this;
    }

    /**
     * Sets whether a step updates only those rows of item tables that have a gradient, for
     * catalogues so large that updating all rows takes most of a step. Decay and momentum of the
     * other rows pause meanwhile, so weights differ from those of dense Adam; see {@link
     * Adam.Builder#lazyTables}. The default is false: all rows move at every step, as published.
     *
     * @param lazyAdam whether it does
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> lazyAdam(boolean lazyAdam) {
      this.lazyAdam = lazyAdam;
      return this;
    }

    /**
     * Sets whether examples are shuffled before each epoch. The default is true; the public
     * implementation does not shuffle.
     *
     * @param shuffle whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> shuffle(boolean shuffle) {
      this.shuffle = shuffle;
      return this;
    }

    /**
     * Sets the positions of a history at which the model is trained. At every position, a batch
     * counts whole sequences, and the loss is the mean over all their targets. The default is
     * {@link Positions#LAST}, as published.
     *
     * @param positions the positions
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> positions(Positions positions) {
      this.positions = positions;
      return this;
    }

    /**
     * Sets the evaluator of the validation examples. The default is a full ranking without masking.
     *
     * @param evaluator the evaluator
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder<L> evaluator(Evaluator evaluator) {
      this.evaluator = evaluator;
      return this;
    }

    /**
     * Trains on the training part of a split. Where it has a validation part, training stops early
     * and the model has the best weights afterwards, else the last ones: metric and patience then
     * have no effect, which is logged as a warning.
     *
     * @param data a split of the model's items
     * @return what training came to
     * @throws IllegalArgumentException as {@link #fit(Examples, Examples)}
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(DatasetSplit data) {
      if (data.validation().isEmpty()) {
        warnOfNoValidation();
      }
      return run(
          new Data(
              data.train(),
              data.validation().isEmpty() ? null : data.validation(),
              data.preparation(),
              data.recentFrequencies()));
    }

    /**
     * Trains with early stopping; the model has the best weights afterwards.
     *
     * @param train training examples over the model's items
     * @param validation validation examples over the model's items
     * @return what training came to
     * @throws IllegalArgumentException if either is empty or over other items than the model, the
     *     model does not take the loss or the positions, the run is shorter than its warm-up, the
     *     loss shares more items than there are, or the checkpoint is that of another run
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(Examples train, Examples validation) {
      return run(new Data(train, validation, ImmutableList.of(), Optional.empty()));
    }

    /**
     * Trains for all epochs, without evaluation. The model has the last weights afterwards.
     *
     * @param train training examples over the model's items
     * @return what training came to
     * @throws IllegalArgumentException if there are none or they are over other items than the
     *     model, the model does not take the loss or the positions, the run is shorter than its
     *     warm-up, the loss shares more items than there are, or the checkpoint is that of another
     *     run
     * @throws IllegalStateException if no loss is set
     */
    @CanIgnoreReturnValue
    public TrainingReport fit(Examples train) {
      return run(new Data(train, null, ImmutableList.of(), Optional.empty()));
    }

    private TrainingReport run(Data data) {
      L chosen = requireLoss();
      requireFit("training", data.train);
      if (data.validation != null) {
        requireFit("validation", data.validation);
      }
      try (Objective<TrainingBatch> objective = model.objective(chosen, positions)) {
        return TrainingLoop.run(new Sequences(this, objective, data), this);
      }
    }

    private L requireLoss() {
      L chosen = loss;
      checkState(chosen != null, "no loss: set one, for example InfoNce.withNegatives(64)");
      return chosen;
    }

    private void requireFit(String name, Examples examples) {
      checkArgument(examples.size() > 0, "%s must have at least one example", name);
      model.vocabulary().requireSame("model", name + " examples", examples.vocabulary());
    }
  }
}
