package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.Fallback;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecommendationRequestTest {
  private static final int ITEMS = 3_000;
  private static final int WIDTH = 24;
  private static final List<String> HISTORY = List.of("item-3", "item-7", "item-3", "item-90");

  @TempDir private Path folder;

  private static LanguageEmbeddings text(int items) {
    SplittableRandom random = new SplittableRandom(1);
    Tensor tensor = Tensor.zeros(ElementType.FLOAT64, items, WIDTH);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextGaussian());
    }
    return LanguageEmbeddings.of(tensor);
  }

  private static ItemVocabulary ids(int items) {
    return ItemVocabulary.of(IntStream.range(0, items).mapToObj(i -> "item-" + i).toList());
  }

  private static FusedItemEmbedding items(boolean cover, ElementType type, IdInitializer start) {
    LanguageEmbeddings text = text(ITEMS);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(16).nullDim(6).cover(cover).fit(text);
    return FusedItemEmbedding.builder(projector, text)
        .idInitializer(start)
        .elementType(type)
        .build();
  }

  private static SasRec.Builder builder(FusedItemEmbedding items) {
    return SasRec.builder(items).maxLength(5).vocabulary(ids(ITEMS));
  }

  private static SasRec model(Similarity similarity) {
    return builder(items(false, ElementType.FLOAT32, IdInitializer.normal()))
        .similarity(similarity)
        .build();
  }

  private static Recommender recommender() {
    return Recommender.builder(model(Similarity.COSINE)).build();
  }

  private static RecommendationRequest request() {
    return RecommendationRequest.of(HISTORY).count(20);
  }

  private static List<String> all(Recommender recommender) {
    return recommender.recommend(request().count(ITEMS)).ids();
  }

  @Test
  void allowedAndDeniedItemsAreObeyed() {
    try (Recommender recommender = recommender()) {
      List<String> all = all(recommender);
      Set<String> denied = new HashSet<>(all.subList(0, 15));
      assertThat(recommender.recommend(request().deny(denied)).ids())
          .isEqualTo(all.subList(15, 35));
      assertThat(recommender.recommend(request().allow(denied)).ids())
          .isEqualTo(all.subList(0, 15));
      assertThat(recommender.recommend(request().allow(denied).deny(all.subList(0, 3))).ids())
          .isEqualTo(all.subList(3, 15));
      assertThat(recommender.recommend(request().deny(all))).isEmpty();
      assertThat(recommender.recommend(request().allow(List.of("no such item")))).isEmpty();
    }
  }

  @Test
  void filtersAreObeyedHoweverTheyAreGiven() {
    try (Recommender recommender = recommender()) {
      List<String> expected =
          all(recommender).stream().filter(id -> id.endsWith("7")).limit(20).toList();
      BitSet rows = new BitSet();
      IntStream.range(0, ITEMS).filter(row -> row % 10 == 7).forEach(rows::set);
      assertThat(recommender.recommend(request().filter(id -> id.endsWith("7"))).ids())
          .isEqualTo(expected);
      assertThat(
              recommender
                  .recommend(request().filter(ItemFilter.matching(id -> id.endsWith("7"))))
                  .ids())
          .isEqualTo(expected);
      ItemFilter ofRows = ItemFilter.ofRows(ids(ITEMS), rows);
      assertThat(recommender.recommend(request().filter(ofRows)).ids()).isEqualTo(expected);
      assertThat(recommender.recommend(request().filter(ofRows).deny(expected.subList(0, 5))).ids())
          .startsWith(expected.get(5))
          .hasSize(20);
      assertThat(recommender.recommend(request().filter(ofRows)).ids()).isEqualTo(expected);
    }
  }

  @Test
  void manySoldOutItemsAreDeniedByAFilter() {
    try (Recommender recommender = recommender()) {
      List<String> all = all(recommender);
      for (int denied : new int[] {1, 100, ITEMS / 2 - 10, ITEMS / 2 + 10, ITEMS - 10}) {
        ItemFilter filter = ItemFilter.deny(all.subList(0, Math.min(denied, all.size())));
        assertThat(recommender.recommend(request().filter(filter)).ids())
            .isEqualTo(all.subList(denied, Math.min(all.size(), denied + 20)));
      }
    }
  }

  @Test
  void aPredicateIsAskedFromTheBestItemOnUntilEnoughPass() {
    try (Recommender recommender = recommender()) {
      AtomicInteger asked = new AtomicInteger();
      recommender.recommend(
          request()
              .filter(
                  id -> {
                    asked.incrementAndGet();
                    return true;
                  }));
      assertThat(asked).hasValue(20);
      assertThat(recommender.recommend(request().filter(id -> false))).isEmpty();
    }
  }

  @Test
  void itemsBelowTheLeastScoreAreLeftOut() {
    try (Recommender recommender = recommender()) {
      Recommendations all = recommender.recommend(request());
      double least = all.get(7).score();
      assertThat(recommender.recommend(request().minScore(least))).isEqualTo(all.subList(0, 8));
      assertThat(recommender.recommend(request().minScore(2))).isEmpty();
    }
  }

  @Test
  void seenItemsAreInTheAnswerWhereAsked() {
    try (Recommender recommender = recommender()) {
      assertThat(recommender.recommend(request().count(ITEMS)).ids()).doesNotContain("item-90");
      assertThat(recommender.recommend(request().count(ITEMS).excludeSeen(false)).ids())
          .contains("item-3", "item-7", "item-90")
          .hasSize(ITEMS);
    }
  }

  @Test
  void manyRequestsAreAnsweredAsOneAfterTheOther() {
    try (Recommender recommender = recommender()) {
      List<RecommendationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        RecommendationRequest request =
            RecommendationRequest.of(List.of("item-" + i, "item-" + 3 * i)).count(1 + i);
        requests.add(i % 3 == 0 ? request.deny(List.of("item-" + (i + 1))) : request);
        requests.add(i % 4 == 0 ? request.filter(id -> id.endsWith("1")) : request.explain(true));
        requests.add(RecommendationRequest.similarTo("item-" + i).count(2));
      }
      List<Recommendations> answers = recommender.recommendAll(requests);
      for (int i = 0; i < requests.size(); i++) {
        Recommendations single = recommender.recommend(requests.get(i));
        assertThat(answers.get(i).ids()).isEqualTo(single.ids());
        for (int k = 0; k < single.size(); k++) {
          assertThat(answers.get(i).get(k).score()).isCloseTo(single.get(k).score(), within(1e-6));
        }
      }
      assertThat(recommender.recommendAll(List.of())).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "COSINE,        false, FLOAT32",
    "COSINE,        true,  FLOAT32",
    "COSINE,        false, FLOAT64",
    "INNER_PRODUCT, false, FLOAT32",
    "INNER_PRODUCT, true,  FLOAT32"
  })
  void theTwoPartsAddUpToTheScore(Similarity similarity, boolean cover, ElementType type) {
    SasRec model =
        builder(items(cover, type, IdInitializer.normal()))
            .similarity(similarity)
            .engine(type == ElementType.FLOAT64 ? Engine.SAMEDIFF : Engine.AUTO)
            .build();
    try (Recommender recommender = Recommender.builder(model).build()) {
      for (Recommendation item : recommender.recommend(request().explain(true))) {
        Explanation why = item.explanation().orElseThrow();
        double text = why.text().orElseThrow();
        double clicks = why.clicks().orElseThrow();
        assertThat(text + clicks).isCloseTo(item.score(), within(1e-5));
        assertThat(text).isNotZero();
        assertThat(clicks).isNotZero();
      }
      for (Recommendation item :
          recommender.recommend(RecommendationRequest.similarTo("item-5").explain(true))) {
        Explanation why = item.explanation().orElseThrow();
        assertThat(why.text().orElseThrow() + why.clicks().orElseThrow())
            .isCloseTo(item.score(), within(1e-5));
        assertThat(why.history()).isEmpty();
      }
    }
  }

  @Test
  void textAloneDecidesWithoutIds() {
    SasRec model = builder(items(false, ElementType.FLOAT32, IdInitializer.zeros())).build();
    try (Recommender recommender = Recommender.builder(model).build()) {
      for (Recommendation item : recommender.recommend(request().explain(true))) {
        Explanation why = item.explanation().orElseThrow();
        assertThat(why.text().orElseThrow()).isCloseTo(item.score(), within(1e-5));
        assertThat(why.clicks().orElseThrow()).isCloseTo(0, within(1e-6));
      }
    }
  }

  @Test
  void clicksAloneDecideWhereTheTextIsSilent() {
    LanguageEmbeddings text = text(ITEMS);
    Tensor silent = Tensor.zeros(ElementType.FLOAT32, ITEMS, 16);
    FusedItemEmbedding items =
        FusedItemEmbedding.ofProjected(silent, 16, false)
            .idInitializer(IdInitializer.normal())
            .build();
    assertThat(text.itemCount()).isEqualTo(ITEMS);
    SasRec model = builder(items).similarity(Similarity.COSINE).build();
    try (Recommender recommender = Recommender.builder(model).build()) {
      for (Recommendation item : recommender.recommend(request().explain(true))) {
        Explanation why = item.explanation().orElseThrow();
        assertThat(why.text().orElseThrow()).isZero();
        assertThat(why.clicks().orElseThrow()).isCloseTo(item.score(), within(1e-5));
      }
    }
  }

  @Test
  void aModelWithoutFrozenTextSaysSo() {
    SasRec model =
        SasRec.builder(IdItemEmbedding.builder(50, 16).initializer(IdInitializer.normal()).build())
            .build();
    try (Recommender recommender = Recommender.builder(model).build()) {
      Explanation why =
          recommender
              .recommend(RecommendationRequest.of(List.of("3", "4")).explain(true))
              .get(0)
              .explanation()
              .orElseThrow();
      assertThat(why.text()).isEmpty();
      assertThat(why.clicks()).isEmpty();
      assertThat(why.history()).hasSize(2);
      assertThat(why.toString()).startsWith("no frozen text; from ");
      assertThatIllegalStateException()
          .isThrownBy(
              () -> recommender.recommend(RecommendationRequest.searchByText(new double[WIDTH])))
          .withMessageContaining("frozen text");
    }
  }

  @Test
  void influencesAreWhatTheScoreLosesWithoutAnItem() {
    SasRec model = model(Similarity.COSINE);
    try (Recommender recommender = Recommender.builder(model).build()) {
      Recommendation best = recommender.recommend(request().explain(true)).get(0);
      List<Explanation.Influence> influences = best.explanation().orElseThrow().history();
      assertThat(influences)
          .extracting(Explanation.Influence::item)
          .containsExactlyInAnyOrder("item-3", "item-7", "item-90");
      assertThat(influences)
          .isSortedAccordingTo(
              java.util.Comparator.comparingDouble(Explanation.Influence::score).reversed());
      for (Explanation.Influence influence : influences) {
        List<String> others = HISTORY.stream().filter(id -> !id.equals(influence.item())).toList();
        double without =
            recommender
                .recommend(
                    RecommendationRequest.of(others).allow(List.of(best.item())).excludeSeen(false))
                .get(0)
                .score();
        assertThat(influence.score()).isCloseTo(best.score() - without, within(1e-5));
      }
      Recommendation single =
          recommender.recommend(RecommendationRequest.of(List.of("item-8")).explain(true)).get(0);
      assertThat(single.explanation().orElseThrow().history())
          .containsExactly(new Explanation.Influence("item-8", single.score()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"COSINE", "INNER_PRODUCT"})
  void similarItemsAreThoseOfTheLargestCosine(Similarity similarity) {
    SasRec model = model(similarity);
    Tensor table = model.items().table();
    try (Recommender recommender = Recommender.builder(model).build()) {
      Recommendations similar =
          recommender.recommend(RecommendationRequest.similarTo("item-9").count(5));
      double least = similar.get(4).score();
      assertThat(similar.ids()).doesNotContain("item-9");
      int above = 0;
      for (int i = 0; i < ITEMS; i++) {
        above += i != 9 && cosine(table, 9, i) > least + 1e-6 ? 1 : 0;
      }
      assertThat(above).isEqualTo(4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recommender.recommend(RecommendationRequest.similarTo("chair")))
          .withMessage("item 'chair' is not among the model's 3000 items");
    }
  }

  private static double cosine(Tensor rows, int a, int b) {
    int dim = rows.shape(1);
    double product = 0;
    double ofA = 0;
    double ofB = 0;
    for (int j = 0; j < dim; j++) {
      product += rows.get(a * dim + j) * rows.get(b * dim + j);
      ofA += rows.get(a * dim + j) * rows.get(a * dim + j);
      ofB += rows.get(b * dim + j) * rows.get(b * dim + j);
    }
    return product / Math.sqrt(ofA * ofB);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTextFindsTheItemThatHasIt(boolean cover) {
    SasRec model = builder(items(cover, ElementType.FLOAT32, IdInitializer.normal())).build();
    double[] row = text(ITEMS).row(123);
    try (Recommender recommender = Recommender.builder(model).build()) {
      Recommendations found =
          recommender.recommend(RecommendationRequest.searchByText(row).count(3).explain(true));
      assertThat(found.get(0).item()).isEqualTo("item-123");
      assertThat(found.get(0).score()).isCloseTo(1, within(1e-5));
      assertThat(found.get(0).explanation().orElseThrow().text().orElseThrow())
          .isEqualTo(found.get(0).score());
      assertThat(
              recommender
                  .recommend(RecommendationRequest.searchByText(row).deny(List.of("item-123")))
                  .ids())
          .doesNotContain("item-123");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> recommender.recommend(RecommendationRequest.searchByText(new double[3])));
    }
  }

  @Test
  void theFallbackAnswersForAnUnknownHistoryAndIsSaved() {
    SasRec model = model(Similarity.COSINE);
    float[] scores = new float[ITEMS];
    scores[40] = 3;
    scores[20] = 7;
    scores[60] = 5;
    model.fallback(Fallback.of("sales of last week", scores));
    Path file = folder.resolve("model.alphafuse");
    model.save(file);
    SasRec larger = SasRec.load(file).withNewItems(List.of("new"), text(1));
    try (Recommender recommender = Recommender.load(file);
        Recommender withNew = Recommender.builder(larger).build()) {
      for (List<String> history : List.of(List.<String>of(), List.of("chair", "table"))) {
        Recommendations answer =
            recommender.recommend(
                RecommendationRequest.of(history)
                    .count(2)
                    .deny(List.of("item-60"))
                    .minScore(100)
                    .explain(true));
        assertThat(answer.ids()).containsExactly("item-20", "item-40");
        assertThat(answer.fallback()).contains("sales of last week");
        assertThat(answer.isFallback()).isTrue();
        assertThat(answer.unknownItems()).isEqualTo(history.size());
        assertThat(answer.get(0).explanation()).isEmpty();
        assertThat(answer.version()).isEqualTo(SavedModel.checksum(file)).hasSize(8);
      }
      assertThat(withNew.recommend(List.of(), 3).ids())
          .containsExactly("item-20", "item-60", "item-40");
      assertThat(withNew.recommend(List.of(), ITEMS + 1).ids()).contains("new");
    }
  }

  @Test
  void aFallbackOfOtherItemsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> model(Similarity.COSINE).fallback(Fallback.of("sales", new float[] {1, 2})))
        .withMessageContaining("fallback must rank the model's 3000 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fallback.of("sales", new float[] {1, Float.NaN}))
        .withMessage("scores must be finite, found NaN for item 1");
    assertThatIllegalArgumentException().isThrownBy(() -> Fallback.of(" ", new float[] {1}));
    assertThatIllegalArgumentException().isThrownBy(() -> Fallback.of("sales", new float[0]));
  }

  @Test
  void vectorsGiveTheScores() {
    for (Similarity similarity : Similarity.values()) {
      try (Recommender recommender = Recommender.builder(model(similarity)).build()) {
        Tensor users = recommender.userVectors(List.of(HISTORY, List.of("item-1")));
        Tensor items = recommender.itemVectors();
        int dim = items.shape(1);
        assertThat(users.shape()).containsExactly(2, dim);
        assertThat(items.shape(0)).isEqualTo(ITEMS);
        for (Recommendation item : recommender.recommend(request())) {
          int row = recommender.vocabulary().find(item.item()).orElseThrow();
          double score = 0;
          for (int j = 0; j < dim; j++) {
            score += users.get(j) * items.get(row * dim + j);
          }
          assertThat(score).isCloseTo(item.score(), within(1e-5));
        }
      }
    }
  }

  @Test
  void otherModelsAnswerToo() {
    FusedItemEmbedding items = items(false, ElementType.FLOAT32, IdInitializer.normal());
    InteractionGraph graph =
        InteractionGraph.of(UserItems.of(5, new int[][] {{0, 1}, {1, 2, 3}, {4}}));
    List<RankingModel> models =
        List.of(
            DreamRec.builder(items).vocabulary(ids(ITEMS)).build(),
            LightGcn.builder(graph).dim(8).build());
    for (RankingModel model : models) {
      List<String> history = List.of(model.vocabulary().id(1), model.vocabulary().id(3));
      try (Recommender recommender = Recommender.builder(model).build()) {
        for (Recommendation item :
            recommender.recommend(RecommendationRequest.of(history).count(3).explain(true))) {
          Explanation why = item.explanation().orElseThrow();
          assertThat(why.history()).hasSize(model instanceof DreamRec ? 0 : 2);
          if (why.text().isPresent()) {
            assertThat(why.text().getAsDouble() + why.clicks().orElseThrow())
                .isCloseTo(item.score(), within(1e-4));
          }
        }
        assertThat(recommender.recommend(RecommendationRequest.similarTo(history.get(0)).count(2)))
            .hasSize(2);
      }
    }
  }

  @Test
  void badOptionsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecommendationRequest.of(HISTORY).count(0))
        .withMessage("count must be at least 1, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecommendationRequest.of(HISTORY).minScore(Double.NaN))
        .withMessage("minScore must be a number, found NaN");
    BitSet rows = new BitSet();
    rows.set(5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemFilter.ofRows(ids(3), rows))
        .withMessage("allowed must lie in [0, 3), found 5");
  }
}
