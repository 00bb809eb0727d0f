package io.github.alphafuse.backbones.serve;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Collections.emptyIterator;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.internal.UnitVectors;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.model.VectorScorer;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FrozenText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Recommends items by a trained model: for the history of a user, beside an item, or for a text.
 *
 * <p>A recommender holds a copy of the model's weights, so later training does not change it.
 * Thread-safe. Close it when it is no longer used; closing waits for running calls.
 *
 * <p>Legend: B histories, N items, d width of a vector.
 */
public final class Recommender implements AutoCloseable {
  /** The fewest items that are ranked if a predicate is asked about each. */
  private static final int LEAST_ASKED = 32;

  /** The most items whose vectors are copied at once to compute their lengths. */
  private static final int LENGTHS_BLOCK = 4_096;

  private final String version;
  private final ItemVocabulary vocabulary;
  private final ItemScorer scorer;
  private final boolean cosine;
  private final boolean excludeSeen;
  private final Optional<ItemFilter> filter;
  private final Supplier<Optional<ItemFilter>> standing;
  private final Optional<Fallback> fallback;
  private final Optional<FrozenText> text;
  private final Explainer explainer;

  /** The lengths of the items' vectors [N], which are 1 for cosines; computed when needed. */
  private double[] lengths = {};

  private Recommender(Builder options) {
    RankingModel model = options.model;
    this.version = options.version;
    this.vocabulary = model.vocabulary();
    this.cosine = model.similarity() == Similarity.COSINE;
    this.excludeSeen = options.excludeSeen;
    this.filter = options.filter.map(ItemFilter::matching);
    filter.ifPresent(items -> items.rows(vocabulary));
    this.standing = options.standing;
    this.fallback = model.fallback();
    this.text =
        options.keepText && model instanceof SequenceModel<?> sequences
            ? sequences.items().frozenText()
            : Optional.empty();
    this.scorer = model.scorer();
    this.explainer =
        new Explainer(
            vocabulary,
            text,
            new Explainer.Scoring(
                model.similarity(),
                model instanceof SequenceModel<?> sequences
                    ? sequences.maxLength()
                    : Integer.MAX_VALUE,
                model instanceof DreamRec));
  }

  /**
   * A recommender from a model that was saved, with the defaults of {@link #builder}. Its version
   * is the checksum of the file.
   *
   * @param path the model's file
   * @return the recommender
   * @throws IllegalArgumentException if the file is damaged, of another kind or of a newer version
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Recommender load(Path path) {
    return builder(SavedModel.load(path)).version(SavedModel.checksum(path)).build();
  }

  /**
   * A builder with the default options.
   *
   * @param model a trained model
   * @return the builder
   */
  public static Builder builder(RankingModel model) {
    return new Builder(model);
  }

  /**
   * The version of the model, which every answer names.
   *
   * @return the version that was set
   */
  public String version() {
    return version;
  }

  /**
   * The items that the model knows.
   *
   * @return the vocabulary of N items
   */
  public ItemVocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The recommended next items of a user.
   *
   * @param history ids of the user's items, oldest first
   * @param count the number of wanted items, at least 1
   * @return the answer to {@link RecommendationRequest#of(List)}
   * @throws IllegalArgumentException as {@link #recommend(RecommendationRequest)}
   * @throws IllegalStateException if the recommender is closed
   */
  public Recommendations recommend(List<String> history, int count) {
    return recommend(RecommendationRequest.of(history).count(count));
  }

  /**
   * Answers a request.
   *
   * @param request the request
   * @return the best items, best first, items of equal score in the order of the catalogue; fewer
   *     than asked for if no more may be recommended
   * @throws IllegalArgumentException if no item of the history is known and the model has no {@link
   *     Fallback}, if the item of {@link RecommendationRequest#similarTo} is unknown, or the width
   *     of a text does not fit
   * @throws IllegalStateException if the recommender is closed, or the model has no vectors of
   *     items or no frozen text, where the request needs them
   */
  public Recommendations recommend(RecommendationRequest request) {
    return recommendAll(List.of(request)).get(0);
  }

  /**
   * Answers many requests at once, which costs less than one after the other.
   *
   * @param requests the requests
   * @return the answers, in their order
   * @throws IllegalArgumentException as {@link #recommend(RecommendationRequest)}, naming nothing
   *     of the others: no request is answered then
   * @throws IllegalStateException as {@link #recommend(RecommendationRequest)}
   */
  public ImmutableList<Recommendations> recommendAll(List<RecommendationRequest> requests) {
    // Asked once, so that all answers of a call are under one filter.
    Optional<ItemFilter> now = standing.get();
    List<Query> queries = requests.stream().map(request -> query(request, now)).toList();
    List<Query> histories = queries.stream().filter(Query::needsModel).toList();
    Iterator<Ranked> ranked = histories.isEmpty() ? emptyIterator() : rank(histories).iterator();
    ImmutableList.Builder<Recommendations> answers = ImmutableList.builder();
    for (Query query : queries) {
      answers.add(
          answer(query, query.needsModel() ? ranked.next() : rank(query, query.ranking().get())));
    }
    return answers.build();
  }

  /**
   * A request in the model's terms.
   *
   * @param request the request
   * @param rows the known items of the history, or the one item
   * @param wanted the query of the first ranking
   * @param ranking what the items are ranked by; empty for the model itself
   * @param origin how the answer comes about
   */
  private record Query(
      RecommendationRequest request,
      int[] rows,
      TopQuery wanted,
      Optional<Ranking> ranking,
      Recommendations.Origin origin) {
    boolean needsModel() {
      return ranking.isEmpty();
    }

    Query by(Ranking given) {
      return new Query(request, rows, wanted, Optional.of(given), origin);
    }

    Query by(Ranking given, String fallback) {
      return new Query(
          request,
          rows,
          wanted,
          Optional.of(given),
          new Recommendations.Origin(
              origin.version(), origin.unknownItems(), Optional.of(fallback)));
    }
  }

  /** A ranking and its best items. */
  private record Ranked(Ranking ranking, TopItems best) {}

  /** Ranks the items for histories, in one pass. */
  private List<Ranked> rank(List<Query> queries) {
    if (!(scorer instanceof VectorScorer vectors)) {
      return queries.stream()
          .map(query -> rank(query, new Ranking.ByScorer(scorer, query.rows())))
          .toList();
    }
    int[][] rows = queries.stream().map(Query::rows).toArray(int[][]::new);
    Tensor users = vectors.userVectors(rows);
    TopItems[] best =
        vectors.topOfVectors(users, rows, queries.stream().map(Query::wanted).toList());
    List<Ranked> ranked = new ArrayList<>();
    for (int b = 0; b < rows.length; b++) {
      ranked.add(new Ranked(new Ranking.ByVector(vectors, row(users, b), rows[b]), best[b]));
    }
    return ranked;
  }

  private static Ranked rank(Query query, Ranking ranking) {
    return new Ranked(ranking, ranking.top(query.wanted()));
  }

  private static Tensor row(Tensor rows, int index) {
    int dim = rows.shape(1);
    Tensor row = Tensor.zeros(rows.elementType(), 1, dim);
    for (int j = 0; j < dim; j++) {
      row.set(j, rows.get(index * dim + j));
    }
    return row;
  }

  private Recommendations answer(Query query, Ranked ranked) {
    RecommendationRequest request = query.request();
    TopQuery wanted = query.wanted();
    TopItems best = ranked.best();
    TopItems passed = passed(best, query);
    // A predicate may have stopped so many that more items are needed.
    while (passed.rows().length < request.count()
        && best.rows().length == wanted.count()
        && wanted.count() < vocabulary.size()
        && best.scores()[best.scores().length - 1] >= least(query)) {
      wanted =
          new TopQuery(
              (int) Math.min(4L * wanted.count(), vocabulary.size()),
              wanted.excludeSeen(),
              wanted.allowed());
      best = ranked.ranking().top(wanted);
      passed = passed(best, query);
    }
    List<Explanation> explanations =
        request.explain() && query.origin().fallback().isEmpty()
            ? explanations(passed, query, ranked.ranking())
            : List.of();
    ImmutableList.Builder<Recommendation> items = ImmutableList.builder();
    for (int k = 0; k < passed.rows().length; k++) {
      items.add(
          new Recommendation(
              vocabulary.id(passed.rows()[k]),
              passed.scores()[k],
              explanations.isEmpty() ? Optional.empty() : Optional.of(explanations.get(k))));
    }
    return new Recommendations(items.build(), query.origin());
  }

  /** The least score; a fallback has scores of its own, which are not of the model's scale. */
  private static double least(Query query) {
    return query.origin().fallback().isPresent()
        ? Double.NEGATIVE_INFINITY
        : query.request().minScore().orElse(Double.NEGATIVE_INFINITY);
  }

  /** The best items that pass the least score and the predicate, as many as are wanted. */
  private TopItems passed(TopItems best, Query query) {
    RecommendationRequest request = query.request();
    Predicate<String> asked =
        request.filter().filter(given -> !(given instanceof ItemFilter)).orElse(id -> true);
    int[] rows = new int[Math.min(request.count(), best.rows().length)];
    float[] scores = new float[rows.length];
    int count = 0;
    for (int k = 0; k < best.rows().length && count < rows.length; k++) {
      if (best.scores()[k] >= least(query) && asked.test(vocabulary.id(best.rows()[k]))) {
        rows[count] = best.rows()[k];
        scores[count++] = best.scores()[k];
      }
    }
    return new TopItems(Arrays.copyOf(rows, count), Arrays.copyOf(scores, count));
  }

  private List<Explanation> explanations(TopItems items, Query query, Ranking ranking) {
    return switch (query.request().kind()) {
      case TEXT -> Explainer.ofText(items);
      case SIMILAR -> explainer.ofSimilar(items, vectors(), query.rows()[0]);
      case HISTORY ->
          ranking instanceof Ranking.ByVector vector
              ? explainer.ofHistory(items, vector)
              : Explainer.none(items);
    };
  }

  private Query query(RecommendationRequest request, Optional<ItemFilter> now) {
    return switch (request.kind()) {
      case HISTORY -> historyQuery(request, now);
      case SIMILAR -> similarQuery(request, now);
      case TEXT -> {
        checkState(
            text.isPresent(),
            "a text is searched in the frozen text of items, which this model has not or the"
                + " recommender was built without");
        yield query(request, new int[0], now)
            .by(new Ranking.ByScore(text.get().cosines(request.embedding()), new int[0]));
      }
    };
  }

  private Query historyQuery(RecommendationRequest request, Optional<ItemFilter> now) {
    int[] rows = rows(request.items());
    Query query = query(request, rows, now);
    if (rows.length > 0) {
      return query;
    }
    Fallback ranking =
        fallback.orElseThrow(
            () ->
                new IllegalArgumentException(
                    (request.items().isEmpty()
                            ? "history must have at least one item, found none"
                            : "none of the history's "
                                + request.items().size()
                                + " items is known to the model")
                        + "; the model has no fallback to answer from"));
    return query.by(new Ranking.ByScore(ranking.scores(), rows), ranking.origin());
  }

  /** The rows of the ids that are known. */
  private int[] rows(List<String> ids) {
    int[] rows = new int[ids.size()];
    int known = 0;
    for (String id : ids) {
      OptionalInt row = vocabulary.find(id);
      if (row.isPresent()) {
        rows[known++] = row.getAsInt();
      }
    }
    return Arrays.copyOf(rows, known);
  }

  private Query similarQuery(RecommendationRequest request, Optional<ItemFilter> now) {
    int[] item = rows(request.items());
    checkArgument(
        item.length == 1,
        "item '%s' is not among the model's %s items",
        request.items().get(0),
        vocabulary.size());
    VectorScorer vectors = vectors();
    Tensor vector = vectors.itemVectors(item);
    if (cosine) {
      return query(request, item, now).by(new Ranking.ByVector(vectors, vector, item));
    }
    UnitVectors.normalize(vector);
    Tensor products = vectors.scoreVectors(vector);
    double[] divisors = lengths(vectors);
    float[] scores = new float[divisors.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (products.get(i) / divisors[i]);
    }
    return query(request, item, now).by(new Ranking.ByScore(scores, item));
  }

  private Query query(RecommendationRequest request, int[] rows, Optional<ItemFilter> now) {
    // If a predicate is asked afterwards, more items are ranked than are wanted.
    boolean asked = request.filter().filter(given -> !(given instanceof ItemFilter)).isPresent();
    long count = asked ? Math.max(LEAST_ASKED, 2L * request.count()) : request.count();
    boolean isHistory = request.kind() == RecommendationRequest.Kind.HISTORY;
    return new Query(
        request,
        rows,
        new TopQuery(
            (int) Math.min(count, vocabulary.size()),
            isHistory ? request.excludeSeen().orElse(excludeSeen) : true,
            allowed(request, now)),
        Optional.empty(),
        new Recommendations.Origin(
            version, isHistory ? request.items().size() - rows.length : 0, Optional.empty()));
  }

  /** The rows that a request may be answered with, if not all. */
  private Optional<BitSet> allowed(RecommendationRequest request, Optional<ItemFilter> now) {
    List<BitSet> all = new ArrayList<>();
    request.allow().ifPresent(ids -> all.add(ItemFilter.allow(ids).rowsOf(vocabulary)));
    if (!request.deny().isEmpty()) {
      all.add(ItemFilter.deny(request.deny()).rowsOf(vocabulary));
    }
    filter.ifPresent(items -> all.add(items.rows(vocabulary)));
    now.ifPresent(items -> all.add(items.rows(vocabulary)));
    request
        .filter()
        .filter(ItemFilter.class::isInstance)
        .ifPresent(items -> all.add(((ItemFilter) items).rows(vocabulary)));
    if (all.size() <= 1) {
      return all.stream().findFirst();
    }
    BitSet both = (BitSet) all.get(0).clone();
    all.forEach(both::and);
    return Optional.of(both);
  }

  private VectorScorer vectors() {
    checkState(
        scorer instanceof VectorScorer, "the model has no vectors of items, found %s", scorer);
    return (VectorScorer) scorer;
  }

  /** The lengths of the items' vectors, computed once, a block of items after the other. */
  private synchronized double[] lengths(VectorScorer vectors) {
    if (lengths.length == 0) {
      double[] all = new double[vocabulary.size()];
      for (int from = 0; from < all.length; from += LENGTHS_BLOCK) {
        int[] rows = IntStream.range(from, Math.min(all.length, from + LENGTHS_BLOCK)).toArray();
        double[] some = UnitVectors.normalize(vectors.itemVectors(rows));
        System.arraycopy(some, 0, all, from, some.length);
      }
      lengths = all;
    }
    return lengths;
  }

  private int[] allRows() {
    int[] rows = new int[vocabulary.size()];
    Arrays.setAll(rows, row -> row);
    return rows;
  }

  /**
   * The vectors of users by their histories.
   *
   * @param histories B lists of ids, oldest first; those that the model does not know are left out
   * @return [B, d]; the score of an item is the inner product with its vector
   * @throws IllegalArgumentException if no item of a history is known
   * @throws IllegalStateException if the recommender is closed or the model has no vectors
   */
  public Tensor userVectors(List<? extends List<String>> histories) {
    int[][] rows = new int[histories.size()][];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = rows(histories.get(b));
      checkArgument(rows[b].length > 0, "history %s must have a known item, found none", b);
    }
    Tensor users = vectors().userVectors(rows);
    if (cosine) {
      UnitVectors.normalize(users);
    }
    return users;
  }

  /**
   * The vectors of all items.
   *
   * @return [N, d] in the order of the {@link #vocabulary()}
   * @throws IllegalStateException if the recommender is closed or the model has no vectors
   */
  public Tensor itemVectors() {
    return vectors().itemVectors(allRows());
  }

  /**
   * The vectors of some items.
   *
   * @param items ids of R items
   * @return [R, d]
   * @throws IllegalArgumentException if an item is unknown
   * @throws IllegalStateException if the recommender is closed or the model has no vectors
   */
  public Tensor itemVectors(List<String> items) {
    return vectors().itemVectors(knownRows(items));
  }

  /**
   * The vectors that items would have by their frozen text alone, without what training adds.
   *
   * @param items ids of R items
   * @return [R, d], under cosine similarity of length 1; empty if the model has no frozen text or
   *     the recommender was built without
   * @throws IllegalArgumentException if an item is unknown
   */
  public Optional<Tensor> textVectors(List<String> items) {
    int[] rows = knownRows(items);
    Optional<Tensor> vectors = text.map(frozen -> frozen.rows(rows));
    if (cosine) {
      vectors.ifPresent(UnitVectors::normalize);
    }
    return vectors;
  }

  private int[] knownRows(List<String> items) {
    return items.stream().mapToInt(vocabulary::row).toArray();
  }

  /** Frees the memory of the recommender outside the Java heap. */
  @Override
  public void close() {
    scorer.close();
  }

  /** Options of a {@link Recommender}. Not thread-safe. */
  public static final class Builder {
    private final RankingModel model;
    private boolean excludeSeen = true;
    private boolean keepText = true;
    private String version = "unsaved";
    private Optional<Predicate<String>> filter = Optional.empty();
    private Supplier<Optional<ItemFilter>> standing = Optional::empty;

    private Builder(RankingModel model) {
      this.model = model;
    }

    /**
     * Sets whether items of the history are left out. The default is true. A request may decide
     * otherwise.
     *
     * @param excludeSeen whether they are
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder excludeSeen(boolean excludeSeen) {
      this.excludeSeen = excludeSeen;
      return this;
    }

    /**
     * Sets the items that may be recommended at all. The filter is called once per id when the
     * recommender is built. The default is all items. For items that come and go, see {@link
     * RecommendationRequest#filter}.
     *
     * @param filter returns true for an id that may be recommended
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder filter(Predicate<String> filter) {
      this.filter = Optional.of(filter);
      return this;
    }

    /**
     * Sets whether the frozen text of the items is kept, which explanations and the search by text
     * need. It is a table of N rows on the heap. The default is true.
     *
     * @param keepText whether it is
     * @return this builder
     */
    @CanIgnoreReturnValue
    public Builder keepText(boolean keepText) {
      this.keepText = keepText;
      return this;
    }

    /**
     * Sets the version that answers name. The default is {@code unsaved}; {@link #load} sets the
     * checksum of the file.
     *
     * @param version the version, not blank
     * @return this builder
     * @throws IllegalArgumentException if it is blank
     */
    @CanIgnoreReturnValue
    public Builder version(String version) {
      checkArgument(!version.isBlank(), "version must not be blank, found '%s'", version);
      this.version = version;
      return this;
    }

    /** Sets a filter that may change, which every call asks for once. */
    @CanIgnoreReturnValue
    Builder standing(Supplier<Optional<ItemFilter>> standing) {
      this.standing = standing;
      return this;
    }

    /**
     * Builds the recommender with the model's current weights.
     *
     * @return the recommender
     */
    public Recommender build() {
      return new Recommender(this);
    }
  }
}
