package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the methods of a comparison meet: the data of a backbone, its methods and the protocol.
 *
 * @param <O> the options of a run
 */
interface TestBed<O extends RunOptions> {
  /** The methods that were asked for. */
  List<Variant> variants();

  /** What the data are called, and their sizes. */
  String data();

  /** What was left out of the data. */
  void printDropped(PrintWriter out);

  /** Puts what is the same for all methods under the names of the flags, data included. */
  void describe(Map<String, Object> protocol);

  /** What tables and pictures show. */
  ComparisonLayout layout();

  /** How popularity ranks the test part, an evaluation a protocol, the full ranking first. */
  ImmutableList<Evaluation> popularity();

  /** A run, ready to be trained. */
  Trial trial(O options);

  /** Draws what only this backbone has. */
  void draw(ComparisonCharts charts, List<Contender<O>> contenders);

  /** A training run of one method. */
  interface Trial {
    /** Trains the model; progress is shown where there is a writer for it. */
    TrainingReport train(@Nullable PrintWriter out);

    /** The number of trained numbers. */
    long parameterCount();

    /** How the trained model ranks the test part, an evaluation a protocol. */
    TestResults test();

    /** The time to rank all items for 1,000 users. */
    double inferenceMilliseconds();
  }
}
