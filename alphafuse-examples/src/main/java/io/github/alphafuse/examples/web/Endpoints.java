package io.github.alphafuse.examples.web;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Provenance;
import io.github.alphafuse.backbones.serve.Explanation;
import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.Recommendation;
import io.github.alphafuse.backbones.serve.RecommendationRequest;
import io.github.alphafuse.backbones.serve.Recommendations;
import io.github.alphafuse.backbones.serve.Recommender;
import io.github.alphafuse.backbones.serve.SavedDescription;
import io.github.alphafuse.backbones.serve.ServingStatistics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that answer from a model.
 *
 * <p>Thread-safe.
 */
final class Endpoints {
  /** The nanoseconds after which titles that could not be read are tried again. */
  private static final long TITLES_AGAIN = Duration.ofMinutes(1).toNanos();

  private static final int ITEMS = 10;
  private static final int FOUND = 20;
  private static final MathContext SHOWN = new MathContext(4);
  private static final ImmutableSet<String> RECOMMEND =
      ImmutableSet.of("history", "count", "explain", "deny", "allow", "min_score", "include_seen");

  private final LiveRecommender recommender;
  private final Executor background;
  private final Options options;
  private final long start = System.nanoTime();

  /** Held while a new model's titles are read. */
  private final Lock changes = new ReentrantLock();

  private volatile @Nullable ServedModel last;
  private volatile boolean titlesFailed;
  private volatile long titlesReadAt;

  /**
   * What the endpoints are told of the model.
   *
   * @param titles gives the titles by id for the items of a model
   * @param description gives what the file of a version says of itself
   * @param problems hears of what goes wrong beside a request
   */
  record Options(
      Function<ItemVocabulary, ? extends Map<String, String>> titles,
      Function<String, Optional<SavedDescription>> description,
      Consumer<String> problems) {}

  Endpoints(LiveRecommender recommender, Executor background, Options options) {
    this.recommender = recommender;
    this.background = background;
    this.options = options;
  }

  ImmutableMap<String, Endpoint> byPath() {
    return ImmutableMap.of(
        "/recommend", Endpoint.limited(Endpoint.GET_OR_POST, RECOMMEND, this::recommend),
        "/similar",
            Endpoint.limited(
                Endpoint.GET, ImmutableSet.of("item", "count", "explain"), this::similar),
        "/items",
            Endpoint.limited(Endpoint.GET, ImmutableSet.of("query", "count", "id"), this::items),
        "/map", Endpoint.limited(Endpoint.GET, ImmutableSet.of("item"), this::map),
        "/model", Endpoint.unlimited(given -> model()),
        "/health", Endpoint.unlimited(given -> health()));
  }

  private record Influence(String item, @Nullable String title, double score) {}

  private record Item(
      String item,
      @Nullable String title,
      double score,
      @Nullable Double text,
      @Nullable Double clicks,
      List<Influence> history) {}

  private record Answer(
      String version, @Nullable String fallback, int unknownItems, List<Item> items) {}

  private record NamedItem(String item, @Nullable String title) {}

  private record Found(String version, List<NamedItem> items) {}

  private record Sample(
      String version,
      boolean pending,
      int sampled,
      int of,
      @Nullable Double textShare,
      @Nullable Double trainedShare,
      List<NamedItem> items,
      double @Nullable [][] text,
      double[][] trained) {}

  private record Model(
      String version,
      int items,
      int titles,
      @Nullable String kind,
      @Nullable String library,
      Map<String, String> settings,
      @Nullable Training training) {}

  private record Training(
      long examples,
      int epochs,
      int bestEpoch,
      String stop,
      Map<String, Double> validation,
      Map<String, String> settings,
      @Nullable String madeAt) {}

  private record FailedReload(String message, String time) {}

  private record Health(
      String status,
      String version,
      int items,
      double uptimeSeconds,
      @Nullable FailedReload failedReload) {}

  private Reply recommend(Parameters given) {
    RecommendationRequest request =
        RecommendationRequest.of(given.texts("history"))
            .count(given.count("count", ITEMS))
            .deny(given.texts("deny"))
            .explain(given.flag("explain").orElse(false));
    if (given.isGiven("allow")) {
      request = request.allow(given.texts("allow"));
    }
    Optional<Double> minScore = given.number("min_score");
    if (minScore.isPresent()) {
      request = request.minScore(minScore.get());
    }
    Optional<Boolean> includeSeen = given.flag("include_seen");
    if (includeSeen.isPresent()) {
      request = request.excludeSeen(!includeSeen.get());
    }
    return answer(request);
  }

  private Reply similar(Parameters given) {
    String item = item(given);
    if (recommender.call(now -> now.vocabulary().find(item)).isEmpty()) {
      throw unknown(item, served().vocabulary());
    }
    RecommendationRequest request =
        RecommendationRequest.similarTo(item)
            .count(given.count("count", ITEMS))
            .explain(given.flag("explain").orElse(false));
    try {
      return answer(request);
    } catch (RefusedException e) {
      // Another model may have taken over since the item was found.
      if (recommender.call(now -> now.vocabulary().find(item)).isEmpty()) {
        throw unknown(item, served().vocabulary());
      }
      throw e;
    }
  }

  private static String item(Parameters given) {
    return given
        .text("item")
        .orElseThrow(() -> RefusedException.badRequest("item must be given, found none"));
  }

  private static RefusedException unknown(String item, ItemVocabulary vocabulary) {
    return RefusedException.notFound(
        "item "
            + Parameters.shown(item)
            + " is not among the model's "
            + vocabulary.size()
            + " items");
  }

  private Reply answer(RecommendationRequest request) {
    Recommendations answer;
    try {
      answer = recommender.recommend(request);
    } catch (IllegalArgumentException e) {
      throw RefusedException.badRequest(String.valueOf(e.getMessage()));
    }
    ServedModel model = served();
    return Reply.ok(
        new Answer(
            answer.version(),
            answer.fallback().orElse(null),
            answer.unknownItems(),
            answer.stream().map(item -> item(item, model)).toList()));
  }

  private static Item item(Recommendation found, ServedModel model) {
    return new Item(
        found.item(),
        model.title(found.item()),
        found.score(),
        found.explanation().map(Explanation::text).map(Endpoints::orNull).orElse(null),
        found.explanation().map(Explanation::clicks).map(Endpoints::orNull).orElse(null),
        found.explanation().map(Explanation::history).orElse(ImmutableList.of()).stream()
            .map(
                influence ->
                    new Influence(
                        influence.item(), model.title(influence.item()), influence.score()))
            .toList());
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private Reply items(Parameters given) {
    ServedModel model = served();
    List<String> ids;
    if (given.isGiven("id")) {
      if (given.isGiven("query")) {
        throw RefusedException.badRequest("query must not be given beside id");
      }
      ids =
          given.texts("id").stream().filter(id -> model.vocabulary().find(id).isPresent()).toList();
    } else {
      ids = model.search().find(given.text("query").orElse(""), given.count("count", FOUND));
    }
    return Reply.ok(new Found(model.version(), named(ids, model)));
  }

  private static List<NamedItem> named(List<String> ids, ServedModel model) {
    return ids.stream().map(id -> new NamedItem(id, model.title(id))).toList();
  }

  private Reply map(Parameters given) {
    ServedModel model = served();
    CompletableFuture<Optional<ItemMap>> computed = model.map();
    if (computed.isCompletedExceptionally()) {
      throw RefusedException.notOffered("there is no map: the model has no vectors of items");
    }
    Optional<ItemMap> map = computed.getNow(Optional.empty());
    return map.isEmpty()
        ? pending(model)
        : recommender.call(now -> map(given, model, map.get(), now));
  }

  private static Reply pending(ServedModel model) {
    return Reply.json(
            202,
            new Sample(
                model.version(),
                true,
                0,
                model.vocabulary().size(),
                null,
                null,
                List.of(),
                null,
                new double[0][]))
        .retryAfterSecond();
  }

  private static Reply map(Parameters given, ServedModel model, ItemMap map, Recommender now) {
    if (!now.version().equals(model.version())) {
      return pending(model);
    }
    List<String> items = given.isGiven("item") ? given.texts("item") : map.sample();
    for (String item : items) {
      if (model.vocabulary().find(item).isEmpty()) {
        throw unknown(item, model.vocabulary());
      }
    }
    ItemMap.Positions positions = map.positions(now, items);
    return Reply.ok(
        new Sample(
            model.version(),
            false,
            map.sample().size(),
            model.vocabulary().size(),
            map.textShare().orElse(null),
            map.trainedShare(),
            named(items, model),
            positions.text() == null ? null : rounded(positions.text()),
            rounded(positions.trained())));
  }

  /** Numbers to as many digits as a picture shows, which makes the answer a third as long. */
  private static double[][] rounded(double[][] positions) {
    return Arrays.stream(positions)
        .map(
            position ->
                Arrays.stream(position)
                    .map(x -> BigDecimal.valueOf(x).round(SHOWN).doubleValue())
                    .toArray())
        .toArray(double[][]::new);
  }

  private Reply model() {
    ServedModel model = served();
    Optional<SavedDescription> description = model.description();
    return Reply.ok(
        new Model(
            model.version(),
            model.vocabulary().size(),
            model.titles().size(),
            description.map(file -> file.format().kind()).orElse(null),
            description.map(SavedDescription::libraryVersion).orElse(null),
            description.map(SavedDescription::settings).orElse(ImmutableMap.of()),
            description
                .flatMap(SavedDescription::provenance)
                .map(Endpoints::training)
                .orElse(null)));
  }

  private static Training training(Provenance made) {
    return new Training(
        made.data().examples(),
        made.outcome().epochs(),
        made.outcome().bestEpoch(),
        made.outcome().stop(),
        made.outcome().validation(),
        made.settings(),
        made.madeAt().map(String::valueOf).orElse(null));
  }

  /** Reads nothing, so that a new model with many titles does not hold up who asks for health. */
  private Reply health() {
    return Reply.ok(
        recommender.call(
            now ->
                new Health(
                    "ok",
                    now.version(),
                    now.vocabulary().size(),
                    uptimeSeconds(),
                    recommender
                        .statistics()
                        .lastFailedReload()
                        .map(Endpoints::failed)
                        .orElse(null))));
  }

  private static FailedReload failed(ServingStatistics.FailedReload reload) {
    return new FailedReload(reload.message(), reload.time().toString());
  }

  double uptimeSeconds() {
    return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1e3;
  }

  /**
   * The model that answers now, with its titles, which are read again if it is a new one. While
   * they are read, other requests go on with those of the model before.
   */
  ServedModel served() {
    ServedModel known = last;
    if (known != null && isCurrent(known)) {
      return known;
    }
    if (known == null) {
      changes.lock();
    } else if (!changes.tryLock()) {
      return known;
    }
    try {
      ServedModel before = last;
      if (before != null && isCurrent(before)) {
        return before;
      }
      ServedModel next =
          new ServedModel(
              recommender.call(now -> facts(now, before == null ? null : before.titles())),
              new ServedModel.Source(recommender, background));
      last = next;
      return next;
    } finally {
      changes.unlock();
    }
  }

  /** Whether a model is the one that answers now, and its titles need not be tried again. */
  private boolean isCurrent(ServedModel model) {
    return model.version().equals(recommender.version())
        && (!titlesFailed || System.nanoTime() - titlesReadAt < TITLES_AGAIN);
  }

  private ServedModel.Facts facts(Recommender now, @Nullable Map<String, String> before) {
    return new ServedModel.Facts(
        now.version(),
        now.vocabulary(),
        titles(now.vocabulary(), before),
        options.description().apply(now.version()));
  }

  /**
   * The titles of a model. If they cannot be read, those before are kept, and it is tried again
   * after a while: the folder of the data may be written at this moment.
   */
  private Map<String, String> titles(
      ItemVocabulary vocabulary, @Nullable Map<String, String> before) {
    titlesReadAt = System.nanoTime();
    try {
      Map<String, String> titles = options.titles().apply(vocabulary);
      titlesFailed = false;
      return titles;
    } catch (RuntimeException e) {
      titlesFailed = true;
      options
          .problems()
          .accept(
              (before == null
                      ? "the titles are not read, and products are shown by their ids: "
                      : "the titles of the new model are not read, those before are kept: ")
                  + e.getMessage());
      return before == null ? ImmutableMap.of() : before;
    }
  }
}
