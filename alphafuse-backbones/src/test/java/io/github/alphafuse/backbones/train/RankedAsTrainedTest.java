package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.dreamrec.DreamRecScorer;
import io.github.alphafuse.backbones.dreamrec.NoiseSchedule;
import io.github.alphafuse.backbones.dreamrec.Sampling;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.loss.BinaryCrossEntropy;
import io.github.alphafuse.backbones.loss.FullSoftmax;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.loss.SampledSoftmax;
import io.github.alphafuse.backbones.model.Engine;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.TopItems;
import io.github.alphafuse.backbones.model.TopQuery;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.sasrec.SasRecScorer;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model ranks by the similarity that its loss trained, wherever it ranks, and when it is loaded.
 */
class RankedAsTrainedTest {
  private static final int ITEMS = 40;
  private static final int DIM = 8;

  @TempDir private Path folder;

  static Stream<RankingLoss> losses() {
    return Stream.of(
        FullSoftmax.ofInnerProducts(),
        FullSoftmax.ofCosines(0.1),
        BinaryCrossEntropy.withNegatives(3),
        InfoNce.withNegatives(3),
        SampledSoftmax.withShared(5),
        SampledSoftmax.withBatchTargets(5).excludesHistory(true));
  }

  private static Examples examples() {
    SplittableRandom random = new SplittableRandom(1);
    Examples.Builder examples = Examples.builder(ITEMS);
    for (int i = 0; i < 60; i++) {
      int first = random.nextInt(ITEMS);
      examples.add("u" + i, new int[] {first, (first + 1) % ITEMS}, (first + 2) % ITEMS);
    }
    return examples.build();
  }

  /** Rows of very different lengths, which only an inner product sees. */
  private static ItemEmbedding items(ElementType type) {
    Tensor rows = RandomNumbers.tensor(ElementType.FLOAT64, 4, ITEMS + 1, DIM);
    for (int i = 0; i < rows.size(); i++) {
      rows.set(i, rows.get(i) * (1 + i / DIM % 7));
    }
    return IdItemEmbedding.builder(ITEMS, DIM).rows(rows).elementType(type).build();
  }

  private static double similarity(Tensor users, Tensor table, int[] userAndItem, boolean cosine) {
    double dot = 0;
    double user = 1e-24;
    double item = 1e-24;
    for (int j = 0; j < DIM; j++) {
      double u = users.get(userAndItem[0] * DIM + j);
      double v = table.get(userAndItem[1] * DIM + j);
      dot += u * v;
      user += u * u;
      item += v * v;
    }
    return cosine ? dot / Math.sqrt(user * item) : dot;
  }

  private static void assertRanksBy(
      Similarity similarity, ItemScorer scorer, Tensor users, Tensor table) {
    boolean cosine = similarity == Similarity.COSINE;
    Examples examples = examples();
    int[][] histories = new int[examples.size()][];
    int[] ranks = new int[histories.length];
    for (int b = 0; b < histories.length; b++) {
      histories[b] = examples.history(b);
    }
    Tensor scores = scorer.score(histories);
    TopItems[] top = scorer.top(histories, TopQuery.ofAll(3));
    for (int b = 0; b < histories.length; b++) {
      double own = similarity(users, table, new int[] {b, examples.target(b)}, cosine);
      double best = Double.NEGATIVE_INFINITY;
      for (int item = 0; item < ITEMS; item++) {
        double expected = similarity(users, table, new int[] {b, item}, cosine);
        assertThat(scores.get(b * ITEMS + item)).isCloseTo(expected, within(1e-4));
        ranks[b] += expected >= own ? 1 : 0;
        best = Math.max(best, expected);
      }
      assertThat((double) top[b].scores()[0]).isCloseTo(best, within(1e-4));
      assertThat(similarity(users, table, new int[] {b, top[b].rows()[0]}, cosine))
          .isCloseTo(best, within(1e-4));
    }
    assertThat(Evaluator.fullRanking().evaluate(scorer, examples).ranks()).isEqualTo(ranks);
  }

  @ParameterizedTest
  @MethodSource("losses")
  void sasRecRanksByWhatItsLossTrained(RankingLoss loss) {
    for (Engine engine : new Engine[] {Engine.FUSED, Engine.SAMEDIFF}) {
      SasRec model = SasRec.builder(items(ElementType.FLOAT32)).maxLength(4).engine(engine).build();
      assertThat(model.similarity()).isEqualTo(Similarity.INNER_PRODUCT);
      TrainingReport report =
          Trainer.builder(model)
              .loss(loss)
              .learningRate(0.01)
              .epochs(2)
              .fit(examples(), examples());
      assertThat(model.similarity()).isEqualTo(loss.similarity());
      Path file = folder.resolve(engine + ".alphafuse");
      model.save(file);
      RankingModel loaded = SavedModel.load(file);
      assertThat(loaded.similarity()).isEqualTo(loss.similarity());
      try (SasRecScorer scorer = model.scorer();
          ItemScorer again = loaded.scorer()) {
        int[][] histories = new int[60][];
        for (int b = 0; b < 60; b++) {
          histories[b] = examples().history(b);
        }
        Tensor users = scorer.userVectors(histories);
        Tensor table = model.items().table();
        assertRanksBy(loss.similarity(), scorer, users, table);
        assertRanksBy(loss.similarity(), again, users, table);
      }
      // Early stopping saw the same ranking.
      assertThat(Evaluator.fullRanking().evaluate(model, examples()).toMap())
          .isEqualTo(report.bestValidation().orElseThrow().toMap());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChosenSimilarityStays(Similarity chosen) {
    SasRec model = SasRec.builder(items(ElementType.FLOAT32)).similarity(chosen).build();
    for (RankingLoss loss : losses().toList()) {
      Trainer.builder(model).loss(loss).epochs(1).fit(examples());
      assertThat(model.similarity()).isEqualTo(chosen);
    }
    assertThat(model.withSimilarity(Similarity.COSINE).similarity()).isEqualTo(Similarity.COSINE);
    assertThat(model.withSimilarity(Similarity.COSINE)).asString().endsWith(", cosine]");
  }

  @ParameterizedTest
  @EnumSource
  void dreamRecRanksItsGeneratedRowsByTheSimilarityItWasGiven(Similarity similarity) {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      DreamRec model =
          DreamRec.builder(items(type))
              .maxLength(4)
              .schedule(NoiseSchedule.linear(20))
              .sampling(Sampling.ddim(10))
              .similarity(similarity)
              .build();
      Path file = folder.resolve(type + ".alphafuse");
      model.save(file);
      assertThat(SavedModel.load(file).similarity()).isEqualTo(similarity);
      try (DreamRecScorer scorer = model.scorer()) {
        int[][] histories = new int[60][];
        for (int b = 0; b < 60; b++) {
          histories[b] = examples().history(b);
        }
        assertRanksBy(similarity, scorer, scorer.generate(histories), model.items().table());
      }
    }
  }
}
