package io.github.alphafuse.examples.compare;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.examples.option.GraphOptions;
import io.github.alphafuse.examples.option.RunOptions;
import io.github.alphafuse.examples.option.SequenceOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** The parts that all runs share: the data, the methods on a backbone, and their evaluation. */
interface Protocol {

  /** Loads the data and finds the methods. {@code base} holds the options for all methods. */
  static Protocol open(ComparisonRequest request, RunOptions base) {
    return base instanceof GraphOptions graph
        ? GraphProtocol.open(request, graph)
        : SequenceProtocol.open(request, (SequenceOptions) base);
  }

  /** Returns the requested methods. */
  List<Method> methods();

  /** Returns the name and the sizes of the data. */
  String data();

  /** Prints what was left out of the data. */
  void printDropped(PrintWriter out);

  /**
   * Adds the settings that all methods share, including the data, under the names of their flags.
   */
  void describe(Map<String, Object> settings);

  /** Returns the layout of tables and pictures. */
  ReportLayout layout();

  /** Returns one evaluation of popularity on the test part per ranking, the full ranking first. */
  ImmutableList<Evaluation> popularity();

  /** Prepares a run with options of the backbone. */
  PreparedRun prepare(RunOptions options);

  /** Draws the charts that only this backbone has. */
  void draw(ComparisonCharts charts, List<RunPlan> plans);

  /** Returns a timer for the search for the best items of test users. */
  InferenceTimer timer();
}
