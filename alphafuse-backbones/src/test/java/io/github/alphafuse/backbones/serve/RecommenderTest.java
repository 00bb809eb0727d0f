package io.github.alphafuse.backbones.serve;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.sasrec.SasRecScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecommenderTest {
  private static final int ITEMS = 60;
  private static final int WIDTH = 24;

  @TempDir private Path folder;

  private static LanguageEmbeddings text(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor tensor = Tensor.zeros(ElementType.FLOAT64, rows, WIDTH);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextGaussian());
    }
    return LanguageEmbeddings.of(tensor);
  }

  private static ItemVocabulary ids(int items) {
    return ItemVocabulary.of(IntStream.range(0, items).mapToObj(i -> "item-" + i).toList());
  }

  private static SasRec model() {
    LanguageEmbeddings text = text(ITEMS, 1);
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(16).nullDim(6).fit(text);
    FusedItemEmbedding items =
        FusedItemEmbedding.builder(projector, text).idInitializer(IdInitializer.normal()).build();
    return SasRec.builder(items).maxLength(5).vocabulary(ids(ITEMS)).build();
  }

  private static List<String> sorted(SasRec model, int... history) {
    try (SasRecScorer scorer = model.scorer()) {
      Tensor scores = scorer.score(new int[][] {history});
      return IntStream.range(0, scores.size())
          .boxed()
          .sorted(Comparator.comparingDouble((Integer i) -> -scores.get(i)).thenComparing(i -> i))
          .map(i -> "item-" + i)
          .toList();
    }
  }

  private static List<String> items(List<Recommendation> recommendations) {
    return recommendations.stream().map(Recommendation::item).toList();
  }

  @Test
  void recommendsTheBestItemsInOrder() {
    SasRec model = model();
    List<String> expected = sorted(model, 3, 7);
    try (Recommender recommender = Recommender.builder(model).excludeSeen(false).build()) {
      for (int count : new int[] {1, 2, 10, ITEMS, 10 * ITEMS}) {
        assertThat(items(recommender.recommend(List.of("item-3", "item-7"), count)))
            .isEqualTo(expected.subList(0, Math.min(count, ITEMS)));
      }
    }
  }

  @Test
  void leavesOutSeenAndFilteredItems() {
    SasRec model = model();
    List<String> expected =
        sorted(model, 3, 7).stream()
            .filter(id -> !id.equals("item-3") && !id.equals("item-7") && !id.endsWith("5"))
            .collect(toList());
    try (Recommender recommender =
        Recommender.builder(model).filter(id -> !id.endsWith("5")).build()) {
      assertThat(items(recommender.recommend(List.of("item-3", "item-7"), ITEMS)))
          .isEqualTo(expected);
    }
  }

  @Test
  void ranksEqualScoresInTheOrderOfTheCatalogue() {
    IdItemEmbedding items =
        IdItemEmbedding.builder(8, 4).initializer(IdInitializer.zeros()).build();
    try (Recommender recommender = Recommender.builder(SasRec.builder(items).build()).build()) {
      assertThat(items(recommender.recommend(List.of("2"), 5)))
          .containsExactly("0", "1", "3", "4", "5");
    }
  }

  @Test
  void rejectsWhatItCannotAnswer() {
    try (Recommender recommender = Recommender.builder(model()).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recommender.recommend(List.of(), 3))
          .withMessage(
              "history must have at least one item, found none; the model has no fallback to answer"
                  + " from");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recommender.recommend(List.of("item-1"), 0))
          .withMessage("count must be at least 1, found 0");
    }
  }

  @Test
  void leavesOutAndCountsUnknownItems() {
    try (Recommender recommender = Recommender.builder(model()).build()) {
      Recommendations answer = recommender.recommend(List.of("chair", "item-4", "table"), 5);
      assertThat(answer).isEqualTo(recommender.recommend(List.of("item-4"), 5));
      assertThat(answer.unknownItems()).isEqualTo(2);
      assertThat(answer.isFallback()).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> recommender.recommend(List.of("chair", "table"), 3))
          .withMessage(
              "none of the history's 2 items is known to the model; the model has no fallback to"
                  + " answer from");
    }
  }

  @Test
  void isUnchangedByLaterTrainingAndReload() {
    SasRec model = model();
    Path file = folder.resolve("model.zip");
    model.save(file);
    List<String> history = List.of("item-1", "item-2");
    try (Recommender before = Recommender.builder(model).build();
        Recommender loaded = Recommender.load(file)) {
      List<Recommendation> expected = before.recommend(history, 9);
      model.parameters().values().forEach(parameter -> parameter.fill(0));
      assertThat(before.recommend(history, 9)).isEqualTo(expected);
      assertThat(loaded.recommend(history, 9)).isEqualTo(expected);
    }
  }

  @Test
  void recommendsNewItemsByTheirTextAlone() {
    SasRec model = model();
    SasRec wider = model.withNewItems(List.of("item-60", "item-61", "item-62"), text(3, 9));
    assertThat(wider.vocabulary()).isEqualTo(ids(ITEMS + 3));
    try (Recommender recommender = Recommender.builder(wider).build()) {
      assertThat(items(recommender.recommend(List.of("item-1", "item-61"), ITEMS + 1)))
          .contains("item-60", "item-62");
    }
    try (SasRecScorer before = model.scorer();
        SasRecScorer after = wider.scorer()) {
      Tensor old = before.score(new int[][] {{4, 5}});
      Tensor all = after.score(new int[][] {{4, 5}});
      for (int i = 0; i < ITEMS; i++) {
        assertThat(all.get(i)).isCloseTo(old.get(i), org.assertj.core.data.Offset.offset(1e-5));
      }
    }
  }

  @Test
  void answersManyThreadsAlike() throws Exception {
    try (Recommender recommender = Recommender.builder(model()).build()) {
      List<List<Recommendation>> expected = new ArrayList<>();
      for (int i = 0; i < ITEMS; i++) {
        expected.add(recommender.recommend(List.of("item-" + i), 5));
      }
      ExecutorService pool = Executors.newFixedThreadPool(8);
      try {
        List<Future<List<Recommendation>>> answers = new ArrayList<>();
        for (int i = 0; i < 4 * ITEMS; i++) {
          String item = "item-" + i % ITEMS;
          answers.add(pool.submit(() -> recommender.recommend(List.of(item), 5)));
        }
        for (int i = 0; i < answers.size(); i++) {
          assertThat(answers.get(i).get()).isEqualTo(expected.get(i % ITEMS));
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  @Test
  void closingWaitsForCallsUnderWay() throws Exception {
    Recommender recommender = Recommender.builder(model()).build();
    List<Recommendation> expected = recommender.recommend(List.of("item-1"), 5);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> answered = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        answered.add(
            pool.submit(
                () -> {
                  int answers = 0;
                  try {
                    while (true) {
                      assertThat(recommender.recommend(List.of("item-1"), 5)).isEqualTo(expected);
                      answers++;
                    }
                  } catch (IllegalStateException closed) {
                    return answers;
                  }
                }));
      }
      Thread.sleep(200);
      recommender.close();
      for (Future<Integer> answers : answered) {
        assertThat(answers.get()).isNotNegative();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
