package io.github.alphafuse.backbones.serve;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.internal.UnitVectors;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FrozenText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Explains the scores of recommended items.
 *
 * <p>Legend: K recommended items, H different items of a history, d width of a vector. Immutable
 * and thread-safe.
 */
final class Explainer {
  /** The most items of a history that are left out one after the other. */
  private static final int MOST_INFLUENCES = 100;

  private final ItemVocabulary vocabulary;
  private final Optional<FrozenText> text;
  private final Scoring scoring;

  /**
   * How histories are scored.
   *
   * @param similarity how vectors are compared
   * @param maxLength the number of last items of a history that count
   * @param drawn whether the user's vector has noise that another history changes, so that two
   *     histories cannot be compared
   */
  record Scoring(Similarity similarity, int maxLength, boolean drawn) {}

  Explainer(ItemVocabulary vocabulary, Optional<FrozenText> text, Scoring scoring) {
    this.vocabulary = vocabulary;
    this.text = text;
    this.scoring = scoring;
  }

  /** The explanations of items that were found by their text alone. */
  static List<Explanation> ofText(TopItems items) {
    List<Explanation> all = new ArrayList<>();
    for (float score : items.scores()) {
      all.add(new Explanation(OptionalDouble.of(score), OptionalDouble.of(0), ImmutableList.of()));
    }
    return all;
  }

  /** Explanations that say nothing, of a model without vectors. */
  static List<Explanation> none(TopItems items) {
    Explanation nothing =
        new Explanation(OptionalDouble.empty(), OptionalDouble.empty(), ImmutableList.of());
    return Collections.nCopies(items.rows().length, nothing);
  }

  /** The explanations of the items most similar to one. */
  List<Explanation> ofSimilar(TopItems items, VectorScorer scorer, int item) {
    Tensor vector = scorer.itemVectors(new int[] {item}); // [1, d]
    UnitVectors.normalize(vector);
    Tensor vectors = scorer.itemVectors(items.rows()); // [K, d]
    double[] lengths = UnitVectors.normalize(vectors);
    for (int k = 0; k < lengths.length; k++) {
      lengths[k] *= scorer.itemLength(items.rows()[k]);
    }
    return parts(items.rows(), vector, new Vectors(vectors, lengths)).stream()
        .map(parts -> parts.with(ImmutableList.of()))
        .toList();
  }

  /** The explanations of the items that are recommended for a history. */
  List<Explanation> ofHistory(TopItems items, Ranking.ByVector ranking) {
    Tensor user = UnitVectors.compared(ranking.vector(), scoring.similarity()); // [1, d]
    Tensor vectors = ranking.scorer().itemVectors(items.rows()); // [K, d]
    double[] lengths =
        Arrays.stream(items.rows()).mapToDouble(ranking.scorer()::itemLength).toArray();
    List<Parts> parts = parts(items.rows(), user, new Vectors(vectors, lengths));
    int[] history = scoring.drawn() ? new int[0] : distinct(ranking.history()); // [H]
    double[][] influences = influences(history, ranking, new Scored(items, vectors)); // [H][K]
    List<Explanation> explanations = new ArrayList<>();
    for (int k = 0; k < parts.size(); k++) {
      int item = k;
      explanations.add(
          parts
              .get(k)
              .with(
                  IntStream.range(0, history.length)
                      .mapToObj(
                          h ->
                              new Explanation.Influence(
                                  vocabulary.id(history[h]), influences[h][item]))
                      .sorted(Comparator.comparingDouble(Explanation.Influence::score).reversed())
                      .collect(ImmutableList.toImmutableList())));
    }
    return explanations;
  }

  /** The vectors of items [K, d], and what their rows were divided by [K]. */
  private record Vectors(Tensor all, double[] lengths) {}

  /** The parts of a score. */
  private record Parts(OptionalDouble text, OptionalDouble clicks) {
    Explanation with(ImmutableList<Explanation.Influence> history) {
      return new Explanation(text, clicks, history);
    }
  }

  /** The parts of the products of a vector [1, d] with those of items. */
  private List<Parts> parts(int[] items, Tensor vector, Vectors vectors) {
    if (text.isEmpty() || items.length == 0) {
      return Collections.nCopies(
          items.length, new Parts(OptionalDouble.empty(), OptionalDouble.empty()));
    }
    Tensor frozen = text.get().rows(items); // [K, d]
    int dim = vector.size();
    List<Parts> all = new ArrayList<>();
    for (int k = 0; k < items.length; k++) {
      double fromText = 0;
      double fromClicks = 0;
      for (int j = 0; j < dim; j++) {
        double part = frozen.get(k * dim + j) / vectors.lengths()[k];
        fromText += vector.get(j) * part;
        fromClicks += vector.get(j) * (vectors.all().get(k * dim + j) - part);
      }
      all.add(new Parts(OptionalDouble.of(fromText), OptionalDouble.of(fromClicks)));
    }
    return all;
  }

  /** The different items of the part of a history that counts, oldest first. */
  private int[] distinct(int[] history) {
    int from = Math.max(0, history.length - scoring.maxLength());
    int[] different = Arrays.stream(history, from, history.length).distinct().toArray();
    return Arrays.copyOfRange(
        different, Math.max(0, different.length - MOST_INFLUENCES), different.length);
  }

  /** Items and their vectors [K, d]. */
  private record Scored(TopItems items, Tensor vectors) {}

  /** The part of a history that would count without an item. */
  private int[] without(int item, int[] history) {
    int[] others = Arrays.stream(history).filter(row -> row != item).toArray();
    return Arrays.copyOfRange(
        others, Math.max(0, others.length - scoring.maxLength()), others.length);
  }

  /** The scores of items less those for the history without each of its items [H][K]. */
  private double[][] influences(int[] different, Ranking.ByVector ranking, Scored scored) {
    TopItems items = scored.items();
    Tensor vectors = scored.vectors();
    if (different.length == 0) {
      return new double[0][];
    }
    double[][] influences = new double[different.length][items.rows().length];
    int[][] others = new int[different.length][];
    for (int h = 0; h < different.length; h++) {
      others[h] = without(different[h], ranking.history());
      for (int k = 0; k < items.rows().length; k++) {
        influences[h][k] = items.scores()[k];
      }
    }
    if (different.length == 1 && others[0].length == 0) {
      return influences;
    }
    Tensor users =
        UnitVectors.compared(ranking.scorer().userVectors(others), scoring.similarity()); // [H, d]
    int dim = users.shape(1);
    for (int h = 0; h < different.length; h++) {
      for (int k = 0; k < items.rows().length; k++) {
        double score = 0;
        for (int j = 0; j < dim; j++) {
          score += users.get(h * dim + j) * vectors.get(k * dim + j);
        }
        influences[h][k] -= score;
      }
    }
    return influences;
  }
}
