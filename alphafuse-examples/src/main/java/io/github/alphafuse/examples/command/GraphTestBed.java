package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserRanking;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.model.UserScorer;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** LightGCN and AlphaRec, whose test part is the newest items of each user. */
final class GraphTestBed implements TestBed<GraphOptions> {
  private static final UserRanking RANKING = UserRanking.ofUnseen();
  private static final ImmutableList<Metric> COLUMNS =
      IntStream.of(10, 20)
          .boxed()
          .flatMap(k -> Stream.of(Metric.recall(k), Metric.ndcg(k), Metric.hitRate(k)))
          .collect(ImmutableList.toImmutableList());

  private final GraphData source;
  private final List<Variant> variants;
  private final Metric metric;

  private GraphTestBed(GraphData source, List<Variant> variants, Metric metric) {
    this.source = source;
    this.variants = variants;
    this.metric = metric;
  }

  static GraphTestBed open(ComparisonRequest request, GraphOptions base) {
    EvaluationOptions.FLAGS.stream()
        .filter(request::isGiven)
        .findFirst()
        .ifPresent(
            flag -> {
              throw request.usage(
                  flag
                      + " is for --backbone sasrec or dreamrec: graph models rank all unseen items"
                      + " for all users");
            });
    List<Variant> variants = request.variants(new GraphMethod.Roster());
    boolean needsText =
        variants.stream().anyMatch(variant -> GraphMethod.isOfText(variant.method()));
    GraphData source = request.data().loadGraph(needsText);
    InteractionSplit split = source.split();
    if (split.validation().size() == 0 || split.test().size() == 0) {
      throw new CommandFailedException(
          "compare needs validation and test items, found "
              + split.validation().size()
              + " and "
              + split.test().size()
              + ": a user has some from 6 different items on");
    }
    return new GraphTestBed(source, variants, base.metric());
  }

  @Override
  public List<Variant> variants() {
    return variants;
  }

  @Override
  public String data() {
    return source.name() + ": " + source.split();
  }

  /** Nothing: what a split of interactions left out is not known. */
  @Override
  public void printDropped(PrintWriter out) {}

  @Override
  public void describe(Map<String, Object> protocol) {
    protocol.put("backbone", Backbone.GRAPH.toString());
    protocol.put("data", ComparisonFolder.fingerprint(source));
    protocol.put("metric", metric.toString());
  }

  @Override
  public ComparisonLayout layout() {
    return new ComparisonLayout(
        "all unseen items ranked",
        "users",
        COLUMNS,
        COLUMNS,
        ImmutableSet.<Metric>builder().addAll(COLUMNS).add(metric).build(),
        ImmutableSet.of(ComparisonCharts.Picture.CURVES, ComparisonCharts.Picture.METRICS));
  }

  @Override
  public ImmutableList<Evaluation> popularity() {
    return ImmutableList.of(popularity(source.split()));
  }

  /** How popularity ranks the test items. */
  static Evaluation popularity(InteractionSplit split) {
    return RANKING.evaluate(PopularityScorer.of(split.train()), split.train(), split.test());
  }

  /** How a model ranks the test items. */
  static Evaluation test(GraphModel model, InteractionSplit split) {
    try (UserScorer scorer = model.userScorer()) {
      return RANKING.evaluate(scorer, split.train(), split.test());
    }
  }

  @Override
  public Trial trial(GraphOptions options) {
    GraphModel model = options.build(source);
    InteractionSplit split = source.split();
    return new Trial(
        Optional.empty(),
        model,
        out -> options.train(model, split, out),
        () -> new TestResults(ImmutableList.of(test(model, split)), List.of()));
  }

  /** Users count by their training items, as in serving. */
  @Override
  public InferenceTimer timer() {
    InteractionSplit split = source.split();
    int[] users =
        IntStream.range(0, split.test().userCount())
            .filter(user -> split.test().count(user) > 0)
            .toArray();
    return new InferenceTimer(users.length, i -> split.train().items(users[i]));
  }

  /** Nothing: there is no null space, and there are no groups of users. */
  @Override
  public void draw(ComparisonCharts charts, List<Contender<GraphOptions>> contenders) {}
}
