package io.github.alphafuse.examples.command;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluation;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.train.TrainingReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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

  /** What measures how long a model takes to find the best items for users of the test part. */
  InferenceTimer timer();

  /**
   * A training run of one method.
   *
   * @param leftOut what was left out of the text, if anything was
   * @param model the model with its start weights
   * @param training trains it
   * @param test tells how it ranks the test part, an evaluation a protocol
   */
  record Trial(
      Optional<String> leftOut,
      RankingModel model,
      Training training,
      Supplier<TestResults> test) {}

  /** Trains a model; progress is shown where there is a writer for it. */
  @FunctionalInterface
  interface Training {
    TrainingReport run(@Nullable PrintWriter out);
  }
}
