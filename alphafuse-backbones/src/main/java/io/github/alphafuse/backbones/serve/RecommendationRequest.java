package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A question to a {@link Recommender}: what to recommend for a history, beside an item, or for a
 * text, and which items may be in the answer.
 *
 * <p>Legend: d_l language dimension. Immutable and thread-safe while nobody writes to the embedding
 * of a text; each method that sets an option returns a new request.
 */
@CheckReturnValue
public final class RecommendationRequest {
  /** What is asked for. */
  enum Kind {
    HISTORY,
    SIMILAR,
    TEXT
  }

  private final Kind kind;
  private final ImmutableList<String> items;
  private final double[] embedding;

  // Written only before a request is given to anyone.
  private int count = 10;
  private @Nullable ImmutableSet<String> allow;
  private ImmutableSet<String> deny = ImmutableSet.of();
  private @Nullable Predicate<String> filter;
  private @Nullable Double minScore;
  private @Nullable Boolean excludeSeen;
  private boolean explain;

  private RecommendationRequest(Kind kind, ImmutableList<String> items, double[] embedding) {
    this.kind = kind;
    this.items = items;
    this.embedding = embedding;
  }

  private RecommendationRequest copy() {
    RecommendationRequest copy = new RecommendationRequest(kind, items, embedding);
    copy.count = count;
    copy.allow = allow;
    copy.deny = deny;
    copy.filter = filter;
    copy.minScore = minScore;
    copy.excludeSeen = excludeSeen;
    copy.explain = explain;
    return copy;
  }

  /**
   * A request for the next items of a user.
   *
   * @param history ids of the user's items, oldest first; those that the model does not know are
   *     left out and counted, and an answer to a history without a known item comes from the
   *     model's {@link io.github.alphafuse.backbones.model.Fallback}
   * @return the request
   */
  public static RecommendationRequest of(List<String> history) {
    return new RecommendationRequest(Kind.HISTORY, ImmutableList.copyOf(history), new double[0]);
  }

  /**
   * A request for the items whose vectors have the largest cosine with that of an item. The item
   * itself is not among them.
   *
   * @param item its id
   * @return the request
   */
  public static RecommendationRequest similarTo(String item) {
    return new RecommendationRequest(Kind.SIMILAR, ImmutableList.of(item), new double[0]);
  }

  /**
   * A request for the items whose text is nearest to a text, by the cosine of their frozen rows.
   *
   * @param embedding [d_l] the language row of the text, of the encoder that made the items'
   * @return the request
   */
  public static RecommendationRequest searchByText(double[] embedding) {
    return new RecommendationRequest(Kind.TEXT, ImmutableList.of(), embedding.clone());
  }

  /**
   * The same request with the largest number of items of the answer. The default is 10.
   *
   * @param count the number, at least 1
   * @return the request
   * @throws IllegalArgumentException if it is below 1
   */
  public RecommendationRequest count(int count) {
    checkArgument(count >= 1, "count must be at least 1, found %s", count);
    RecommendationRequest changed = copy();
    changed.count = count;
    return changed;
  }

  /**
   * The same request with the only items that may be in the answer. The default is all.
   *
   * @param allow their ids; those that the model does not know have no effect
   * @return the request
   */
  public RecommendationRequest allow(Collection<String> allow) {
    RecommendationRequest changed = copy();
    changed.allow = ImmutableSet.copyOf(allow);
    return changed;
  }

  /**
   * The same request with items that may not be in the answer. The default is none. For thousands
   * of items that hold for many requests, use an {@link ItemFilter}.
   *
   * @param deny their ids; those that the model does not know have no effect
   * @return the request
   */
  public RecommendationRequest deny(Collection<String> deny) {
    RecommendationRequest changed = copy();
    changed.deny = ImmutableSet.copyOf(deny);
    return changed;
  }

  /**
   * The same request with a filter of items. The default lets all through. An {@link ItemFilter} is
   * turned into rows of the model once. Any other predicate is asked while the request is answered,
   * from the best item on until enough have passed.
   *
   * @param filter returns true for the id of an item that may be in the answer
   * @return the request
   */
  public RecommendationRequest filter(Predicate<String> filter) {
    RecommendationRequest changed = copy();
    changed.filter = checkNotNull(filter, "filter");
    return changed;
  }

  /**
   * The same request with the least score of an item of the answer. The default is none.
   *
   * @param minScore the score, on the scale of the model's similarity; it does not hold for answers
   *     of the fallback, whose scores are of another scale
   * @return the request
   * @throws IllegalArgumentException if it is NaN
   */
  public RecommendationRequest minScore(double minScore) {
    checkArgument(!Double.isNaN(minScore), "minScore must be a number, found %s", minScore);
    RecommendationRequest changed = copy();
    changed.minScore = minScore;
    return changed;
  }

  /**
   * The same request, with whether items of the history are left out of the answer. The default is
   * the recommender's.
   *
   * @param excludeSeen whether they are
   * @return the request
   */
  public RecommendationRequest excludeSeen(boolean excludeSeen) {
    RecommendationRequest changed = copy();
    changed.excludeSeen = excludeSeen;
    return changed;
  }

  /**
   * The same request, with whether each item of the answer has an {@link Explanation}. The default
   * is false, since it costs another pass of the history's length.
   *
   * @param explain whether it has
   * @return the request
   */
  public RecommendationRequest explain(boolean explain) {
    RecommendationRequest changed = copy();
    changed.explain = explain;
    return changed;
  }

  Kind kind() {
    return kind;
  }

  /** The history, or the one item. */
  ImmutableList<String> items() {
    return items;
  }

  double[] embedding() {
    return embedding;
  }

  int count() {
    return count;
  }

  Optional<ImmutableSet<String>> allow() {
    return Optional.ofNullable(allow);
  }

  ImmutableSet<String> deny() {
    return deny;
  }

  Optional<Predicate<String>> filter() {
    return Optional.ofNullable(filter);
  }

  OptionalDouble minScore() {
    return minScore == null ? OptionalDouble.empty() : OptionalDouble.of(minScore);
  }

  Optional<Boolean> excludeSeen() {
    return Optional.ofNullable(excludeSeen);
  }

  boolean explain() {
    return explain;
  }
}
