package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models, standing filters and added items that change under requests. */
class LiveRecommenderTest {
  private static final int THREADS = 8;
  private static final int ITEMS = 60;
  private static final int COUNT = 12;

  private final AtomicInteger open = new AtomicInteger();
  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS + 2);

  @AfterEach
  void everyScorerIsClosed() {
    pool.shutdownNow();
    assertThat(open).hasValue(0);
  }

  private HashModel model(long seed, int items) {
    return HashModel.of(seed, items, open);
  }

  private static LanguageEmbeddings text(int rows) {
    return LanguageEmbeddings.of(RandomNumbers.rows(5, rows, 4));
  }

  /** Denies a third of the items, another one for each number. */
  private static ItemFilter third(int number) {
    return ItemFilter.deny(
        IntStream.range(0, ITEMS + 10)
            .filter(i -> i % 3 == number % 3)
            .mapToObj(i -> "item-" + i)
            .toList());
  }

  private List<Future<Integer>> onAllThreads(Callable<Integer> work) {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<Future<Integer>> ended = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      ended.add(
          pool.submit(
              () -> {
                start.await(60, TimeUnit.SECONDS);
                return work.call();
              }));
    }
    return ended;
  }

  @Test
  void everyAnswerIsThatOfTheVersionThatItNames() throws Exception {
    List<HashModel> models = List.of(model(1, ITEMS), model(2, ITEMS + 10), model(3, ITEMS));
    // By version, filter and last item of the history.
    List<List<List<List<Recommendation>>>> oracle = new ArrayList<>();
    for (HashModel model : models) {
      List<List<List<Recommendation>>> byFilter = new ArrayList<>();
      for (int filter = 0; filter < 3; filter++) {
        List<List<Recommendation>> byItem = new ArrayList<>();
        try (Recommender recommender = Recommender.builder(model).build()) {
          for (int item = 0; item < ITEMS; item++) {
            byItem.add(recommender.recommend(request(item).filter(third(filter))));
          }
        }
        byFilter.add(byItem);
      }
      oracle.add(byFilter);
    }
    AtomicInteger published = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    try (LiveRecommender live = LiveRecommender.of(models.get(0), "0")) {
      live.filter(third(0));
      List<Future<Integer>> requests =
          onAllThreads(
              () -> {
                int answers = 0;
                for (int item = 0; !stop.get(); item = (item + 7) % ITEMS) {
                  int before = published.get();
                  Recommendations answer = live.recommend(request(item));
                  int after = published.get() + 1;
                  int version = Integer.parseInt(answer.version()) % models.size();
                  int asked = item;
                  assertThat(IntStream.rangeClosed(before, after))
                      .anyMatch(
                          filter -> oracle.get(version).get(filter % 3).get(asked).equals(answer));
                  answers++;
                }
                return answers;
              });
      Future<?> filters =
          pool.submit(
              () -> {
                while (!stop.get()) {
                  live.filter(third(published.get() + 1));
                  published.incrementAndGet();
                  Thread.sleep(1);
                }
                return null;
              });
      for (int swap = 1; swap <= 300; swap++) {
        live.swap(models.get(swap % models.size()), Integer.toString(swap));
        Thread.sleep(1);
      }
      stop.set(true);
      filters.get(60, TimeUnit.SECONDS);
      long answers = 0;
      for (Future<Integer> ended : requests) {
        answers += ended.get(60, TimeUnit.SECONDS);
      }
      ServingStatistics statistics = live.statistics();
      assertThat(statistics.answers()).isEqualTo(answers).isEqualTo(statistics.requests());
      assertThat(statistics.failures()).isZero();
      assertThat(statistics.swaps()).isEqualTo(300);
      assertThat(open).hasValue(1);
    }
  }

  private static RecommendationRequest request(int item) {
    return RecommendationRequest.of(List.of("item-" + item)).count(COUNT);
  }

  @Test
  void aVersionIsClosedAfterItsLastCall() throws Exception {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Future<String> call =
          pool.submit(
              () ->
                  live.call(
                      recommender -> {
                        entered.countDown();
                        await(leave);
                        recommender.recommend(List.of("item-1"), 3);
                        return recommender.version();
                      }));
      await(entered);
      live.swap(model(2, ITEMS), "second");
      assertThat(open).hasValue(2);
      assertThat(live.version()).isEqualTo("second");
      leave.countDown();
      assertThat(call.get(60, TimeUnit.SECONDS)).isEqualTo("first");
      assertThat(open).hasValue(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void allAnswersOfACallAreOfOneVersionAndFilter() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      AtomicBoolean once = new AtomicBoolean();
      RecommendationRequest swapping =
          request(1)
              .filter(
                  id -> {
                    if (!once.getAndSet(true)) {
                      live.swap(model(2, ITEMS), "second");
                      live.filter(ItemFilter.allow(List.of("item-5")));
                    }
                    return true;
                  });
      assertThat(live.recommendAll(List.of(swapping, request(2), request(3))))
          .allMatch(answer -> answer.version().equals("first") && answer.size() == COUNT);
      assertThat(live.recommend(request(2)).ids()).containsExactly("item-5");
    }
  }

  @Test
  void theStandingFilterHoldsBesideThoseOfARequestAndInCalls() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      live.filter(ItemFilter.allow(List.of("item-5", "item-6", "item-7")));
      assertThat(live.recommend(request(1).deny(List.of("item-6"))).ids())
          .containsExactlyInAnyOrder("item-5", "item-7");
      assertThat(live.<List<String>>call(r -> r.recommend(List.of("item-1"), COUNT).ids()))
          .containsExactlyInAnyOrder("item-5", "item-6", "item-7");
      live.filter(ItemFilter.deny(List.of()));
      assertThat(live.recommend(request(1))).hasSize(COUNT);
    }
  }

  @Test
  void aFilterIsLookedUpOnceForEachOfTwoVersionsByTurns() {
    AtomicInteger asked = new AtomicInteger();
    ItemFilter filter =
        ItemFilter.matching(
            id -> {
              asked.incrementAndGet();
              return !id.endsWith("5");
            });
    List<ItemVocabulary> versions =
        List.of(model(1, ITEMS).vocabulary(), model(2, ITEMS).vocabulary());
    for (int turn = 0; turn < 10; turn++) {
      assertThat(filter.rows(versions.get(turn % 2)).cardinality()).isEqualTo(ITEMS - 6);
    }
    assertThat(asked).hasValue(2 * ITEMS);
  }

  @Test
  void addedItemsAreRecommendedAndMayBeInHistories() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      live.addItems(List.of("kettle", "teapot"), text(2));
      assertThat(live.version()).isEqualTo("first+2");
      assertThat(live.addedItems()).containsExactly("kettle", "teapot");
      Recommendations answer = live.recommend(List.of("kettle"), ITEMS + 2);
      assertThat(answer.unknownItems()).isZero();
      assertThat(answer.ids()).contains("teapot").doesNotContain("kettle").hasSize(ITEMS + 1);
      live.addItems(List.of("cup"), text(1));
      assertThat(live.version()).isEqualTo("first+3");
      assertThat(live.recommend(List.of("cup"), ITEMS + 3).ids()).contains("kettle", "teapot");
    }
  }

  @Test
  void addedItemsAreKeptUntilAModelKnowsThem() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      live.addItems(List.of("item-61", "kettle"), text(2));
      live.swap(model(2, ITEMS), "second");
      assertThat(live.version()).isEqualTo("second+2");
      live.swap(model(3, ITEMS + 10), "third");
      assertThat(live.version()).isEqualTo("third+1");
      assertThat(live.addedItems()).containsExactly("kettle");
      assertThat(live.recommend(List.of("item-61", "kettle"), 3).unknownItems()).isZero();
      live.swap(
          new HashModel(4, ItemVocabulary.of(List.of("kettle", "item-1", "x")), open), "fourth");
      assertThat(live.version()).isEqualTo("fourth");
      assertThat(live.addedItems()).isEmpty();
    }
  }

  @Test
  void itemsThatAreKnownOrDoNotFitAreRefused() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      live.addItems(List.of("kettle"), text(1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.addItems(List.of("cup", "kettle"), text(2)))
          .withMessage(
              "ids must be new, found \"kettle\", which is one of the 61 items of the catalogue");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.addItems(List.of("cup"), text(2)))
          .withMessage("text must have a row for each of 1 new items, found 2");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  live.addItems(List.of("cup"), LanguageEmbeddings.of(RandomNumbers.rows(3, 1, 7))))
          .withMessage("text must be of width 4 as that of the items added before, found 7");
      assertThat(live.version()).isEqualTo("first+1");
      assertThat(live.addedItems()).containsExactly("kettle");
    }
  }

  @Test
  void aModelThatCannotBeServedLeavesTheOldOne() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      List<Recommendation> expected = live.recommend(request(1));
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> live.swap(new Broken(new OutOfMemoryError("no room")), "second"));
      assertThatIllegalStateException()
          .isThrownBy(() -> live.swap(new Broken(new IllegalStateException("no")), "second"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.swap(model(2, ITEMS), "first"))
          .withMessage("version must not be that of the model that is served, found 'first'");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.swap(model(2, ITEMS), " "))
          .withMessage("version must not be blank, found ' '");
      assertThat(live.recommend(request(1))).isEqualTo(expected);
      assertThat(live.version()).isEqualTo("first");
      assertThat(live.statistics().swaps()).isZero();
      live.addItems(List.of("kettle"), text(1));
      // It knows no item by its text alone.
      assertThatIllegalStateException()
          .isThrownBy(() -> live.swap(new Broken(new AssertionError()), "second"))
          .withMessage("this model knows no item by its text alone");
      assertThat(live.version()).isEqualTo("first+1");
    }
  }

  /** A model without a scorer. */
  private record Broken(Throwable failure) implements RankingModel {
    @Override
    public ItemVocabulary vocabulary() {
      return ItemVocabulary.ofRows(3);
    }

    @Override
    public Similarity similarity() {
      return Similarity.COSINE;
    }

    @Override
    public ImmutableMap<String, Tensor> parameters() {
      return ImmutableMap.of();
    }

    @Override
    public ItemScorer scorer() {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }

    @Override
    public void save(Path path) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aFilterThatFailsLeavesNoScorerOpen() {
    try (LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first")) {
      live.filter(
          ItemFilter.matching(
              id -> {
                if (id.equals("item-65")) {
                  throw new IllegalArgumentException("item-65");
                }
                return true;
              }));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.swap(model(2, ITEMS + 10), "second"))
          .withMessage("item-65");
      assertThat(open).hasValue(1);
      assertThat(live.recommend(request(1)).version()).isEqualTo("first");
    }
  }

  @Test
  void statisticsAddUp() {
    try (LiveRecommender live = LiveRecommender.of(new WithFallback(model(1, ITEMS)), "first")) {
      live.recommend(List.of("item-1", "chair"), 3);
      live.recommend(List.of("table", "chair"), 3);
      live.recommendAll(List.of(request(1), request(2), RecommendationRequest.of(List.of())));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> live.recommend(RecommendationRequest.similarTo("chair")));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  live.recommendAll(List.of(request(1), RecommendationRequest.similarTo("chair"))));
      live.call(recommender -> recommender.recommend(List.of("item-1"), 3));
      live.addItems(List.of("kettle"), text(1));
      ServingStatistics statistics = live.statistics();
      assertThat(statistics.answers()).isEqualTo(5);
      assertThat(statistics.failures()).isEqualTo(3);
      assertThat(statistics.requests()).isEqualTo(8);
      assertThat(statistics.fallbacks()).isEqualTo(2);
      assertThat(statistics.unknownItems()).isEqualTo(3);
      assertThat(statistics.swaps()).isEqualTo(1);
      assertThat(statistics.failedReloads()).isZero();
      assertThat(statistics.lastFailedReload()).isEmpty();
      assertThat(statistics.version()).isEqualTo("first+1");
      assertThat(statistics.versionAge()).isPositive();
      assertThat(statistics.meanLatency()).isPositive();
      assertThat(statistics.totalLatency()).isGreaterThanOrEqualTo(statistics.meanLatency());
      assertThat(statistics.latency(50)).isLessThanOrEqualTo(statistics.latency(100)).isPositive();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> statistics.latency(101))
          .withMessage("percentile must be in [0, 100], found 101.0");
      // A snapshot does not change.
      live.recommend(request(1));
      assertThat(statistics.answers()).isEqualTo(5);
      assertThat(statistics)
          .asString()
          .startsWith("ServingStatistics[first+1, 5 answers, 3 failures, 1 swaps, median ");
    }
  }

  /** A model that has an answer for everyone. */
  private record WithFallback(HashModel model) implements RankingModel {
    @Override
    public ItemVocabulary vocabulary() {
      return model.vocabulary();
    }

    @Override
    public Similarity similarity() {
      return model.similarity();
    }

    @Override
    public ImmutableMap<String, Tensor> parameters() {
      return model.parameters();
    }

    @Override
    public Optional<Fallback> fallback() {
      return Optional.of(Fallback.ofCounts("popularity", new long[vocabulary().size()]));
    }

    @Override
    public RankingModel withNewItems(List<String> ids, LanguageEmbeddings text) {
      return model.withNewItems(ids, text);
    }

    @Override
    public ItemScorer scorer() {
      return model.scorer();
    }

    @Override
    public void save(Path path) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void closingWaitsForRunningCallsAndRefusesLaterOnes() throws Exception {
    LiveRecommender live = LiveRecommender.of(model(1, ITEMS), "first");
    AtomicInteger refused = new AtomicInteger();
    AtomicBoolean closed = new AtomicBoolean();
    CountDownLatch running = new CountDownLatch(THREADS);
    List<Future<Integer>> requests =
        onAllThreads(
            () -> {
              int answers = 0;
              while (true) {
                boolean late = closed.get();
                try {
                  live.recommend(request(answers % ITEMS));
                  assertThat(late).isFalse();
                  if (++answers == 20) {
                    running.countDown();
                  }
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessage("this recommender is closed");
                  refused.incrementAndGet();
                  return answers;
                }
              }
            });
    await(running);
    live.swap(model(2, ITEMS), "second");
    live.close();
    closed.set(true);
    assertThat(open).hasValue(0);
    long answers = 0;
    for (Future<Integer> ended : requests) {
      answers += ended.get(60, TimeUnit.SECONDS);
    }
    assertThat(refused).hasValue(THREADS);
    assertThat(live.statistics().answers()).isEqualTo(answers);
    assertThat(live.statistics().failures()).isEqualTo(THREADS);
    live.close();
    assertThatIllegalStateException().isThrownBy(() -> live.recommend(request(1)));
    assertThatIllegalStateException().isThrownBy(() -> live.call(Recommender::version));
    assertThatIllegalStateException().isThrownBy(() -> live.swap(model(3, ITEMS), "third"));
    assertThatIllegalStateException().isThrownBy(() -> live.addItems(List.of("cup"), text(1)));
    assertThatIllegalStateException()
        .isThrownBy(live::reload)
        .withMessage("this recommender has no file to look at");
  }
}
