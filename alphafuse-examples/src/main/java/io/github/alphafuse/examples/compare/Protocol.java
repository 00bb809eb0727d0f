package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.examples.option.GraphOptions;
import io.github.alphafuse.examples.option.RunOptions;
import io.github.alphafuse.examples.option.SequenceOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** What is the same for all runs: the data, the methods on a backbone, and how they are judged. */
interface Protocol {

  /** Loads the data and finds the methods; {@code base} has the options for all methods. */
  static Protocol open(ComparisonRequest request, RunOptions base) {
    return base instanceof GraphOptions graph
        ? GraphProtocol.open(request, graph)
        : SequenceProtocol.open(request, (SequenceOptions) base);
  }

  /** The methods that were asked for. */
  List<Method> methods();

  /** What the data are called, and their sizes. */
  String data();

  /** What was left out of the data. */
  void printDropped(PrintWriter out);

  /** Puts what is the same for all methods under the names of the flags, data included. */
  void describe(Map<String, Object> settings);

  /** What tables and pictures show. */
  ReportLayout layout();

  /** How popularity ranks the test part, an evaluation a ranking, the full ranking first. */
  ImmutableList<Evaluation> popularity();

  /** A run by options of the backbone, ready to be trained. */
  PreparedRun prepare(RunOptions options);

  /** Draws what only this backbone has. */
  void draw(ComparisonCharts charts, List<RunPlan> plans);

  /** What measures how long a model takes to find the best items for users of the test part. */
  InferenceTimer timer();
}
