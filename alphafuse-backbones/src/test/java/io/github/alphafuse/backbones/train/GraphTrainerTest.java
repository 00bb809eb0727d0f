package io.github.alphafuse.backbones.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.backbones.data.InteractionSplit;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.SequenceDataset;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.backbones.evaluate.Metric;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserEvaluator;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.GraphModel;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.graphcf.Projector;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.backbones.model.UserScorer;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphTrainerTest {
  private static final int ITEMS = 120;
  private static final int GROUPS = 6;
  private static final int USERS = 200;
  private static final int TEXT = 16;

  @TempDir private Path folder;

  /** Users like one group of items most of the time; some items are popular with all. */
  private static SequenceDataset tastes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<UserSequence> users = new ArrayList<>();
    for (int u = 0; u < USERS; u++) {
      int group = random.nextInt(GROUPS);
      Set<Integer> items = new LinkedHashSet<>();
      while (items.size() < 15) {
        boolean own = random.nextDouble() < 0.85;
        items.add(
            own
                ? group + GROUPS * random.nextInt(ITEMS / GROUPS)
                : (int) (ITEMS * Math.pow(random.nextDouble(), 3)));
      }
      users.add(UserSequence.of("u" + u, items.stream().mapToInt(Integer::intValue).toArray()));
    }
    return SequenceDataset.of(ItemVocabulary.ofRows(ITEMS), users);
  }

  /** Rows of the groups, hidden among larger noise that means nothing. */
  private static LanguageEmbeddings text(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, ITEMS, TEXT);
    for (int i = 0; i < ITEMS; i++) {
      for (int j = 0; j < TEXT; j++) {
        rows.set(
            i * TEXT + j,
            j < GROUPS
                ? (i % GROUPS == j ? 1 : 0) + 0.2 * random.nextGaussian()
                : 1.5 * random.nextGaussian());
      }
    }
    return LanguageEmbeddings.of(rows);
  }

  private static GraphTrainer.Builder trainer(GraphModel model) {
    GraphTrainer.Builder trainer =
        GraphTrainer.builder(model).learningRate(0.01).batchSize(256).epochs(25).seed(3);
    return model.similarity() == Similarity.COSINE
        ? trainer.loss(InfoNce.withNegatives(32).temperature(0.15))
        : trainer.loss(Bpr.create()).egoDecay(1e-4);
  }

  private static double recall(GraphModel model, InteractionSplit split) {
    try (UserScorer scorer = model.userScorer()) {
      return UserEvaluator.unseenRanking().evaluate(scorer, split.train(), split.test()).recall(10);
    }
  }

  private static double popularity(InteractionSplit split) {
    return UserEvaluator.unseenRanking()
        .evaluate(PopularityScorer.of(split.train()), split.train(), split.test())
        .recall(10);
  }

  @Test
  void everyModelBeatsPopularity() {
    InteractionSplit split = InteractionSplit.byOrder(tastes(1));
    InteractionGraph graph = InteractionGraph.of(split.train());
    double popularity = popularity(split);
    for (GraphModel model :
        List.of(
            LightGcn.builder(graph).dim(16).build(),
            LightGcn.builder(graph).dim(16).similarity(Similarity.COSINE).build(),
            AlphaRec.builder(text(2), graph).dim(16).projector(Projector.LINEAR).build(),
            AlphaRec.builder(text(2), graph).dim(16).build())) {
      TrainingReport report = trainer(model).fit(split.validation());
      double recall = recall(model, split);
      assertThat(recall).as("%s", model).isGreaterThan(1.5 * popularity);
      assertThat(report.epochs().get(report.epochs().size() - 1).loss())
          .isLessThan(report.epochs().get(0).loss());
    }
  }

  @Test
  void alphaRecRanksACatalogueItWasNotTrainedOn() {
    InteractionSplit here = InteractionSplit.byOrder(tastes(1));
    AlphaRec model = AlphaRec.builder(text(2), InteractionGraph.of(here.train())).dim(16).build();
    trainer(model).fit(here.validation());
    InteractionSplit there = InteractionSplit.byOrder(tastes(11));
    AlphaRec zeroShot = model.withItems(text(12), InteractionGraph.of(there.train()));
    double recall = recall(zeroShot, there);
    double popularity = popularity(there);
    assertThat(recall).isGreaterThan(1.3 * popularity);
  }

  @Test
  void aSeedGivesTheSameWeights() {
    InteractionSplit split = InteractionSplit.byOrder(tastes(4));
    InteractionGraph graph = InteractionGraph.of(split.train());
    List<float[]> weights = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      AlphaRec model = AlphaRec.builder(text(5), graph).dim(8).build();
      trainer(model).epochs(2).fit();
      weights.add(requireNonNull(model.parameters().get("projector.outer.weight")).floats());
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
  }

  @Test
  void aRunThatWasStoppedComesToTheSameWeights() {
    InteractionSplit split = InteractionSplit.byOrder(tastes(4));
    InteractionGraph graph = InteractionGraph.of(split.train());
    LightGcn whole = LightGcn.builder(graph).dim(8).build();
    TrainingReport expected = trainer(whole).epochs(5).fit(split.validation());
    Path file = folder.resolve("run.zip");
    trainer(LightGcn.builder(graph).dim(8).build())
        .epochs(2)
        .checkpoint(file)
        .fit(split.validation());
    LightGcn resumed = LightGcn.builder(graph).dim(8).build();
    TrainingReport report = trainer(resumed).epochs(5).checkpoint(file).fit(split.validation());
    assertThat(report.bestEpoch()).isEqualTo(expected.bestEpoch());
    assertThat(report.epochs())
        .extracting(EpochReport::validation)
        .containsExactlyElementsOf(
            expected.epochs().stream().map(EpochReport::validation).toList());
    CheckpointTest.assertSameWeights(resumed, whole);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                trainer(LightGcn.builder(graph).dim(8).build())
                    .egoDecay(0.5)
                    .checkpoint(file)
                    .fit(split.validation()))
        .withMessageContaining("is a checkpoint of a run with other settings");
  }

  @Test
  void keepsTheBestWeightsAndStops() {
    InteractionSplit split = InteractionSplit.byOrder(tastes(4));
    LightGcn model = LightGcn.builder(InteractionGraph.of(split.train())).dim(8).build();
    TrainingReport report =
        trainer(model)
            .learningRate(0.3)
            .earlyStopping(Metric.ndcg(10), 2)
            .epochs(40)
            .fit(split.validation());
    assertThat(report.stop()).isEqualTo(TrainingReport.Stop.PATIENCE);
    try (UserScorer scorer = model.userScorer()) {
      assertThat(
              UserEvaluator.unseenRanking()
                  .evaluate(scorer, split.train(), split.validation())
                  .ndcg(10))
          .isEqualTo(report.bestValidation().orElseThrow().ndcg(10));
    }
  }

  @Test
  void rejectsWhatDoesNotFit() {
    InteractionSplit split = InteractionSplit.byOrder(tastes(4));
    LightGcn model = LightGcn.builder(InteractionGraph.of(split.train())).dim(8).build();
    float[] start = requireNonNull(model.parameters().get("user_embedding")).floats().clone();
    assertThatIllegalStateException()
        .isThrownBy(() -> GraphTrainer.builder(model).fit())
        .withMessageContaining("no loss");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model).fit(UserItems.of(ITEMS, new int[][] {{1}})))
        .withMessageContaining("validation must be of the graph's 200 users and 120 items");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                trainer(model)
                    .fit(
                        UserItems.of(
                            ItemVocabulary.ofRows(ITEMS),
                            split.train().users(),
                            new int[USERS][0])))
        .withMessage("validation must have at least one item, found none");
    LightGcn cosine =
        LightGcn.builder(InteractionGraph.of(split.train())).similarity(Similarity.COSINE).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GraphTrainer.builder(cosine).loss(InfoNce.withNegatives(ITEMS)).fit())
        .withMessageContaining("user \"u0\" has 108 unseen of 120 items");
    GraphTrainer.Builder builder = GraphTrainer.builder(model);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.learningRate(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.weightDecay(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.egoDecay(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.batchSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.epochs(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.evaluateEvery(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.earlyStopping(Metric.recall(10), 0));
    assertThat(requireNonNull(model.parameters().get("user_embedding")).floats())
        .as("nothing was changed")
        .isEqualTo(start);
  }
}
