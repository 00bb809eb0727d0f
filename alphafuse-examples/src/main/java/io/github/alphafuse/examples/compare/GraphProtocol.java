package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.examples.data.GraphData;
import io.github.alphafuse.examples.option.Backbone;
import io.github.alphafuse.examples.option.EvaluationOptions;
import io.github.alphafuse.examples.option.GraphOptions;
import io.github.alphafuse.examples.option.RunOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The protocol of LightGCN and AlphaRec. Their test part is the newest items of each user. */
final class GraphProtocol implements Protocol {
  private static final ImmutableList<Metric> COLUMNS =
      IntStream.of(10, 20)
          .boxed()
          .flatMap(k -> Stream.of(Metric.recall(k), Metric.ndcg(k), Metric.hitRate(k)))
          .collect(ImmutableList.toImmutableList());

  private final GraphData source;
  private final GraphTest test;
  private final List<Method> methods;
  private final Metric metric;

  private GraphProtocol(GraphData source, List<Method> methods, Metric metric) {
    this.source = source;
    this.test = new GraphTest(source.split());
    this.methods = methods;
    this.metric = metric;
  }

  static GraphProtocol open(ComparisonRequest request, GraphOptions base) {
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
    List<Method> methods = request.methods(new GraphMethods());
    GraphData source =
        request.options().data().loadGraph(methods.stream().anyMatch(GraphMethods::isOfText));
    InteractionSplit split = source.split();
    request.requireParts(
        "items (a user with 6 different ones has some)",
        split.validation().size(),
        split.test().size());
    return new GraphProtocol(source, methods, base.training().metric());
  }

  @Override
  public List<Method> methods() {
    return methods;
  }

  @Override
  public String data() {
    return source.name() + ": " + source.split();
  }

  /** Prints remarks alone, because a split of interactions does not record what it left out. */
  @Override
  public void printDropped(PrintWriter out) {
    Printout.printRemarks(out, source.remarks());
  }

  @Override
  public void describe(Map<String, Object> settings) {
    settings.put("backbone", Backbone.GRAPH.toString());
    settings.put("data", RunFolder.fingerprint(source));
    settings.put("metric", metric.toString());
  }

  @Override
  public ReportLayout layout() {
    return new ReportLayout(
        "all unseen items ranked",
        "users",
        COLUMNS,
        COLUMNS,
        ImmutableSet.<Metric>builder().addAll(COLUMNS).add(metric).build(),
        ImmutableSet.of(ComparisonCharts.Picture.CURVES, ComparisonCharts.Picture.METRICS));
  }

  @Override
  public ImmutableList<Evaluation> popularity() {
    return ImmutableList.of(test.popularity());
  }

  @Override
  public PreparedRun prepare(RunOptions options) {
    GraphOptions own = (GraphOptions) options;
    GraphModel model = own.build(source);
    return new PreparedRun(
        Optional.empty(),
        model,
        listener -> own.train(model, source.split(), listener),
        () -> new TestReport(ImmutableList.of(test.of(model)), List.of()));
  }

  /** Times users by their training items, as in serving. */
  @Override
  public InferenceTimer timer() {
    InteractionSplit split = source.split();
    int[] users =
        IntStream.range(0, split.test().userCount())
            .filter(user -> split.test().count(user) > 0)
            .toArray();
    return new InferenceTimer(users.length, i -> split.train().items(users[i]));
  }

  /** Draws nothing, because there are neither a null space nor groups of users. */
  @Override
  public void draw(ComparisonCharts charts, List<RunPlan> plans) {}
}
