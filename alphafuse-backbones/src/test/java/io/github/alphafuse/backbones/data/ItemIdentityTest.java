package io.github.alphafuse.backbones.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.github.alphafuse.backbones.evaluate.Evaluator;
import io.github.alphafuse.backbones.evaluate.PopularityScorer;
import io.github.alphafuse.backbones.evaluate.UserEvaluator;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.graphcf.LightGcn;
import io.github.alphafuse.backbones.loss.Bpr;
import io.github.alphafuse.backbones.loss.InfoNce;
import io.github.alphafuse.backbones.loss.RankingLoss;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.backbones.strategy.IDreamRec;
import io.github.alphafuse.backbones.strategy.LlmEsr;
import io.github.alphafuse.backbones.strategy.LlmInit;
import io.github.alphafuse.backbones.strategy.MoRec;
import io.github.alphafuse.backbones.strategy.RlmRec;
import io.github.alphafuse.backbones.strategy.UniSRec;
import io.github.alphafuse.backbones.strategy.WhitenRec;
import io.github.alphafuse.backbones.train.GraphTrainer;
import io.github.alphafuse.backbones.train.Trainer;
import io.github.alphafuse.core.embedding.ExtendableItems;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.embedding.ItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.language.TextOrigin;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Wherever two things over items meet, their ids are compared and not their counts alone. */
class ItemIdentityTest {
  private static final int ITEMS = 12;
  private static final ItemVocabulary IDS =
      ItemVocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "sku-" + i).toList());

  /** Another order, none at all, and other items. */
  static List<ItemVocabulary> others() {
    List<String> swapped = new ArrayList<>(IDS.ids());
    Collections.swap(swapped, 4, 7);
    List<String> replaced = new ArrayList<>(IDS.ids());
    replaced.set(4, "sku-99");
    return List.of(
        ItemVocabulary.of(swapped), ItemVocabulary.of(replaced), ItemVocabulary.ofRows(ITEMS));
  }

  private static String difference(ItemVocabulary other) {
    int row = IDS.firstDifference(other).orElseThrow();
    return "row " + row + " is \"" + IDS.id(row) + "\"";
  }

  private static DatasetSplit split(ItemVocabulary vocabulary) {
    List<UserSequence> sequences = new ArrayList<>();
    for (int u = 0; u < 30; u++) {
      sequences.add(UserSequence.of("u" + u, u % ITEMS, (u + 1) % ITEMS, (u + 2) % ITEMS));
    }
    Examples all = Examples.of(vocabulary, sequences);
    return DatasetSplit.builder(vocabulary).train(all).validation(all).test(all).build();
  }

  private static SasRec.Builder model() {
    return SasRec.builder(IdItemEmbedding.builder(ITEMS, 8).build()).maxLength(3);
  }

  private static Trainer.Builder<RankingLoss> trainer(SasRec model) {
    return Trainer.builder(model).loss(InfoNce.withNegatives(2)).epochs(1);
  }

  private static UserItems interactions(ItemVocabulary vocabulary, int shift) {
    int[][] items = new int[8][];
    for (int u = 0; u < items.length; u++) {
      items[u] = new int[] {(u + shift) % ITEMS};
    }
    return UserItems.of(vocabulary, IntStream.range(0, 8).mapToObj(u -> "u" + u).toList(), items);
  }

  @Test
  void whatFitsIsTrainedAndEvaluated() {
    SasRec model = model().vocabulary(IDS).build();
    assertThat(trainer(model).fit(split(IDS)).epochs()).hasSize(1);
    assertThat(Evaluator.fullRanking().evaluate(model, split(IDS).test()).size()).isEqualTo(30);
    LightGcn graph = LightGcn.builder(InteractionGraph.of(interactions(IDS, 0))).dim(8).build();
    assertThat(graph.vocabulary()).isEqualTo(IDS);
  }

  @ParameterizedTest
  @MethodSource("others")
  void fitNamesTheFirstDifference(ItemVocabulary other) {
    SasRec model = model().vocabulary(IDS).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model).fit(split(other)))
        .withMessageStartingWith("training examples must have the items of the model in its order")
        .withMessageContaining(difference(other));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model).fit(split(IDS).train(), split(other).validation()))
        .withMessageStartingWith("validation examples must have")
        .withMessageContaining(difference(other));
  }

  @Test
  void aModelWithoutAVocabularyIsToldOf() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(model().build()).fit(split(IDS)))
        .withMessageContaining("row 0 is \"0\" in the model, found \"sku-0\"")
        .withMessageContaining("a model without a vocabulary of its own takes row numbers for ids");
  }

  static List<ItemEmbedding> itemsOfText() {
    LanguageEmbeddings text =
        LanguageEmbeddings.of(RandomNumbers.rows(3, ITEMS, 8)).withIds(IDS.ids());
    return List.of(
        FusedItemEmbedding.builder(NullSpaceProjector.builder().nullDim(4).fit(text), text).build(),
        LlmInit.builder(text).build(),
        IDreamRec.builder(text).build(),
        MoRec.builder(text).build(),
        WhitenRec.builder(text).build(),
        UniSRec.builder(text).build(),
        RlmRec.builder(text).build(),
        LlmEsr.builder(text).build());
  }

  @ParameterizedTest
  @MethodSource("itemsOfText")
  void aModelTakesTheIdsOfItsText(ItemEmbedding items) {
    assertThat(SasRec.builder(items).build().vocabulary()).isEqualTo(IDS);
    for (ItemVocabulary other : others()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SasRec.builder(items).vocabulary(other))
          .withMessageContaining("row " + IDS.firstDifference(other).orElseThrow() + " is ");
    }
  }

  @Test
  void newItemsAppendTheirIds() {
    LanguageEmbeddings added = LanguageEmbeddings.of(RandomNumbers.rows(4, 1, 8));
    for (ItemEmbedding items : itemsOfText()) {
      if (items instanceof ExtendableItems catalogue) {
        List<String> ids = new ArrayList<>(IDS.ids());
        ids.add("sku-400");
        assertThat(catalogue.withNewItems(added.withIds(List.of("sku-400"))).origin().ids())
            .hasValueSatisfying(all -> assertThat(all).containsExactlyElementsOf(ids));
        assertThat(catalogue.withNewItems(added).origin().ids()).isEmpty();
        assertThatIllegalArgumentException()
            .isThrownBy(() -> catalogue.withNewItems(added.withIds(List.of("sku-4"))))
            .withMessage("ids must be distinct, found 'sku-4' in rows 4 and 12");
      }
    }
  }

  @Test
  void textOfAnotherOrderThanTheGraphIsRejected() {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(3, ITEMS, 8));
    InteractionGraph graph = InteractionGraph.of(interactions(IDS, 0));
    assertThat(AlphaRec.builder(text.withIds(IDS.ids()), graph).build().vocabulary())
        .isEqualTo(IDS);
    for (ItemVocabulary other : others()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> AlphaRec.builder(text.withIds(other.ids()), graph))
          .withMessageContaining("row " + IDS.firstDifference(other).orElseThrow() + " is ");
    }
  }

  @Test
  void idsOfItemsAreAsManyAsItems() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                IdItemEmbedding.builder(ITEMS, 8)
                    .origin(
                        new TextOrigin(Optional.of(ImmutableList.of("a")), Optional.empty(), "")))
        .withMessage("origin must name each of 12 items, found 1");
  }

  @ParameterizedTest
  @MethodSource("others")
  void evaluationNamesTheFirstDifference(ItemVocabulary other) {
    SasRec model = model().vocabulary(IDS).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluator.fullRanking().evaluate(model, split(other).test()))
        .withMessageStartingWith("examples must have the items of the model in its order")
        .withMessageContaining(difference(other));
  }

  @ParameterizedTest
  @MethodSource("others")
  void aSplitHasPartsOfOneCatalogue(ItemVocabulary other) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatasetSplit.builder(IDS).train(split(other).train()))
        .withMessageStartingWith("train must have the items of the split in its order")
        .withMessageContaining(difference(other));
    UserItems own = interactions(IDS, 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InteractionSplit(IDS, own, own, interactions(other, 1)))
        .withMessageContaining(difference(other));
  }

  @ParameterizedTest
  @MethodSource("others")
  void graphModelsNameTheFirstDifference(ItemVocabulary other) {
    LightGcn model = LightGcn.builder(InteractionGraph.of(interactions(IDS, 0))).dim(8).build();
    GraphTrainer.Builder trainer = GraphTrainer.builder(model).loss(Bpr.create()).epochs(1);
    UserItems own = interactions(other, 0);
    InteractionSplit others =
        new InteractionSplit(other, own, interactions(other, 1), interactions(other, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.fit(interactions(other, 1)))
        .withMessageContaining(difference(other));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.fit(others))
        .withMessageContaining(difference(other));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                UserEvaluator.unseenRanking()
                    .evaluate(
                        PopularityScorer.of(split(IDS).train()),
                        interactions(IDS, 0),
                        interactions(other, 1)))
        .withMessageContaining(difference(other));
  }

  @Test
  void aSplitOfAnotherGraphIsRefused() {
    LightGcn model = LightGcn.builder(InteractionGraph.of(interactions(IDS, 0))).dim(8).build();
    InteractionSplit data =
        new InteractionSplit(IDS, interactions(IDS, 3), interactions(IDS, 1), interactions(IDS, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GraphTrainer.builder(model).loss(Bpr.create()).fit(data))
        .withMessageStartingWith("data must have the model's graph as its training part");
  }

  @Test
  void findsTheFirstDifference() {
    assertThat(IDS.firstDifference(IDS)).isEmpty();
    assertThat(IDS.firstDifference(ItemVocabulary.of(IDS.ids()))).isEmpty();
    assertThat(ItemVocabulary.ofRows(5).firstDifference(ItemVocabulary.ofRows(5))).isEmpty();
    assertThat(ItemVocabulary.ofRows(5).firstDifference(ItemVocabulary.ofRows(7))).hasValue(5);
    assertThat(IDS.firstDifference(ItemVocabulary.of(IDS.ids().subList(0, 3)))).hasValue(3);
  }
}
