package io.github.alphafuse.examples.compare;

import com.google.common.base.Suppliers;
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
import io.github.alphafuse.examples.option.DataOptions;
import io.github.alphafuse.examples.option.EvaluationOptions;
import io.github.alphafuse.examples.option.ModelType;
import io.github.alphafuse.examples.option.RunOptions;
import io.github.alphafuse.examples.option.SequenceOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The protocol of SASRec and DreamRec. Their test part is histories with a target each. */
final class SequenceProtocol implements Protocol {
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
  private final TrainingData source;
  private final DatasetSplit tested;
  private final Optional<HeldOutItems> held;
  private final List<Method> methods;
  private final Supplier<List<Evaluator>> evaluators;
  private final boolean maskSeen;
  private final Metric metric;

  private SequenceProtocol(ComparisonRequest request, TrainingData source, SequenceOptions base) {
    this.request = request;
    Optional<HeldOutItems> held =
        request.newItems() > 0
            ? Optional.of(HeldOutItems.of(source, request.newItems(), HELD_OUT_SEED))
            : Optional.empty();
    this.held = held;
    this.source = held.map(HeldOutItems::kept).orElse(source);
    this.tested = held.map(HeldOutItems::tested).orElse(source.split());
    this.methods =
        request.methods(
            new SequenceMethods(
                request.options().backbone(),
                base.projection(),
                this.source.embeddings(),
                this.source.split().train().itemFrequencies()));
    this.evaluators =
        Suppliers.memoize(
            () -> request.options().evaluation().evaluators(base.evaluator(), tested));
    this.maskSeen = base.maskSeen();
    this.metric = base.training().metric();
  }

  static SequenceProtocol open(ComparisonRequest request, SequenceOptions base) {
    DataOptions data = request.options().data();
    EvaluationOptions evaluation = request.options().evaluation();
    evaluation.applyTo(data);
    evaluation.groupsUnlessGiven();
    TrainingData source = data.load();
    DatasetSplit split = source.split();
    request.requireParts("examples", split.validation().size(), split.test().size());
    return new SequenceProtocol(request, source, base);
  }

  @Override
  public List<Method> methods() {
    return methods;
  }

  @Override
  public String data() {
    return source.name() + ": " + source.split();
  }

  @Override
  public void printDropped(PrintWriter out) {
    Printout.printDropped(out, source.split());
    Printout.printRemarks(out, source.remarks());
  }

  @Override
  public void describe(Map<String, Object> settings) {
    settings.put("backbone", request.options().backbone().toString());
    settings.put("data", RunFolder.fingerprint(source));
    request.options().evaluation().describe(settings);
    if (held.isPresent()) {
      settings.put("new_items", request.newItems());
    }
    settings.put("metric", metric.toString());
    settings.put("mask_seen", maskSeen);
  }

  @Override
  public ReportLayout layout() {
    return new ReportLayout(
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
    return evaluators.get().stream()
        .map(evaluator -> evaluator.evaluate(scorer, tested.test()))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public PreparedRun prepare(RunOptions options) {
    SequenceOptions own = (SequenceOptions) options;
    DatasetSplit split = source.split();
    ModelType.Items items = own.items(source);
    SequenceModel<?> model = own.build(items.embedding(), split.vocabulary());
    return new PreparedRun(
        items.leftOut(), model, listener -> own.train(model, split, listener), () -> test(model));
  }

  private TestReport test(SequenceModel<?> model) {
    RankingModel ranked = model;
    if (held.isPresent()) {
      Optional<RankingModel> extended = held.get().extend(model);
      if (extended.isEmpty()) {
        return TestReport.NONE;
      }
      ranked = extended.get();
    }
    return TestReport.of(ranked, tested, evaluators.get());
  }

  @Override
  public InferenceTimer timer() {
    Examples timed = held.isPresent() ? source.split().validation() : tested.test();
    return new InferenceTimer(timed.size(), timed::history);
  }

  /** Draws the groups, and the spectrum with the settings of the first AlphaFuse method. */
  @Override
  public void draw(ComparisonCharts charts, List<RunPlan> plans) {
    charts.groups();
    RunOptions shown =
        plans.stream()
            .filter(plan -> plan.method().type().equals(ModelType.ALPHA_FUSE.toString()))
            .findFirst()
            .orElse(plans.get(0))
            .options();
    charts.spectrum(
        ((SequenceOptions) shown)
            .projection()
            .fit(source.embeddings(), source.split().train().itemFrequencies()));
  }
}
