package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.examples.data.TrainingData;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Embeddings of items under SASRec or DreamRec, whose test part is histories and targets. */
final class SequenceTestBed implements TestBed<MethodOptions> {
  private static final long HELD_OUT_SEED = 22;

  private static final ImmutableList<Metric> COLUMNS =
      IntStream.of(5, 10, 20)
          .boxed()
          .flatMap(k -> Stream.of(Metric.hitRate(k), Metric.ndcg(k), Metric.mrr(k)))
          .collect(ImmutableList.toImmutableList());
  private static final ImmutableList<Metric> BARS =
      ImmutableList.of(
          Metric.hitRate(10), Metric.ndcg(10), Metric.hitRate(20), Metric.ndcg(20), Metric.mrr(20));

  private final ComparisonRequest request;
  private final Recipe recipe;
  private final TrainingData source;
  private final DatasetSplit tested;
  private final Optional<HeldOutItems> held;
  private final List<Variant> variants;
  private final List<Evaluator> evaluators;
  private final boolean maskSeen;
  private final Metric metric;

  private SequenceTestBed(
      ComparisonRequest request, Recipe recipe, TrainingData source, MethodOptions base) {
    this.request = request;
    this.recipe = recipe;
    Optional<HeldOutItems> held =
        request.newItems() > 0
            ? Optional.of(HeldOutItems.of(source, request.newItems(), HELD_OUT_SEED))
            : Optional.empty();
    this.held = held;
    this.source = held.map(HeldOutItems::kept).orElse(source);
    this.tested = held.map(HeldOutItems::tested).orElse(source.split());
    this.variants =
        request.variants(
            new SequenceRoster(
                recipe,
                base.projection(),
                this.source.embeddings(),
                this.source.split().train().itemFrequencies()));
    this.evaluators = request.evaluation().evaluators(base.training().evaluator(), tested);
    this.maskSeen = base.training().maskSeen;
    this.metric = base.metric();
  }

  static SequenceTestBed open(ComparisonRequest request, Recipe recipe, MethodOptions base) {
    request.evaluation().split().ifPresent(request.data()::splitUnlessGiven);
    request.evaluation().groupsUnlessGiven();
    TrainingData source = request.data().load();
    DatasetSplit split = source.split();
    if (split.validation().isEmpty() || split.test().isEmpty()) {
      throw new CommandFailedException(
          "compare needs validation and test examples, found "
              + split.validation().size()
              + " and "
              + split.test().size());
    }
    return new SequenceTestBed(request, recipe, source, base);
  }

  @Override
  public List<Variant> variants() {
    return variants;
  }

  @Override
  public String data() {
    return source.name() + ": " + source.split();
  }

  @Override
  public void printDropped(PrintWriter out) {
    Tables.printDropped(out, source.split());
  }

  @Override
  public void describe(Map<String, Object> protocol) {
    protocol.put("backbone", recipe.toString());
    protocol.put("data", ComparisonFolder.fingerprint(source));
    request.evaluation().describe(protocol);
    if (held.isPresent()) {
      protocol.put("new_items", request.newItems());
    }
    protocol.put("metric", metric.toString());
    protocol.put("mask_seen", maskSeen);
  }

  @Override
  public ComparisonLayout layout() {
    return new ComparisonLayout(
        "",
        "examples",
        COLUMNS,
        BARS,
        ImmutableSet.of(metric),
        ImmutableSet.copyOf(ComparisonCharts.Picture.values()));
  }

  @Override
  public ImmutableList<Evaluation> popularity() {
    PopularityScorer scorer = PopularityScorer.of(tested.train());
    return evaluators.stream()
        .map(evaluator -> evaluator.evaluate(scorer, tested.test()))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public Trial trial(MethodOptions options) {
    DatasetSplit split = source.split();
    Method.Input input =
        new Method.Input(source.embeddings(), split.train().itemFrequencies(), options);
    Method.Items items = options.method().items(input);
    SequenceModel model = options.build(items.embedding(), split.vocabulary());
    return new Trial(
        items.leftOut(), model, out -> options.train(model, split, out), () -> test(model));
  }

  private TestResults test(SequenceModel model) {
    RankingModel ranked = model;
    if (held.isPresent()) {
      Optional<RankingModel> extended = held.get().extend(model);
      if (extended.isEmpty()) {
        return TestResults.NONE;
      }
      ranked = extended.get();
    }
    return TestResults.of(ranked, tested, evaluators);
  }

  @Override
  public InferenceTimer timer() {
    Examples timed = held.isPresent() ? source.split().validation() : tested.test();
    return new InferenceTimer(timed.size(), timed::history);
  }

  /** Draws groups, and the spectrum as the first AlphaFuse that is named sees it. */
  @Override
  public void draw(ComparisonCharts charts, List<Contender<MethodOptions>> contenders) {
    charts.groups();
    MethodOptions shown =
        contenders.stream()
            .filter(contender -> contender.variant().method().equals(Method.ALPHA_FUSE.toString()))
            .findFirst()
            .orElse(contenders.get(0))
            .options();
    charts.spectrum(
        shown.projection().fit(source.embeddings(), source.split().train().itemFrequencies()));
  }
}
