package io.github.alphafuse.backbones.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import io.github.alphafuse.backbones.dreamrec.DreamRec;
import io.github.alphafuse.backbones.graphcf.AlphaRec;
import io.github.alphafuse.backbones.graphcf.InteractionGraph;
import io.github.alphafuse.backbones.model.ItemScorer;
import io.github.alphafuse.backbones.model.RankingModel;
import io.github.alphafuse.backbones.model.SequenceModel;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every model whose items can grow takes new ones by their ids and text. */
class NewItemsTest {
  private static final int ITEMS = 20;
  private static final ItemVocabulary IDS =
      ItemVocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "sku-" + i).toList());
  private static final LanguageEmbeddings TEXT =
      LanguageEmbeddings.of(RandomNumbers.rows(3, ITEMS, 9));
  private static final LanguageEmbeddings ADDED = TEXT.slice(4, 6);

  private static FusedItemEmbedding items() {
    return FusedItemEmbedding.builder(
            NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(TEXT), TEXT)
        .build();
  }

  private static AlphaRec alphaRec() {
    int[][] sets = new int[6][];
    for (int u = 0; u < sets.length; u++) {
      sets[u] = new int[] {u, u + 3, u + 7};
    }
    List<String> users = IntStream.range(0, sets.length).mapToObj(u -> "u" + u).toList();
    return AlphaRec.builder(TEXT, InteractionGraph.of(UserItems.of(IDS, users, sets))).build();
  }

  private static RankingModel grown(String model, List<String> ids, LanguageEmbeddings text) {
    return switch (model) {
      case "SasRec" -> SasRec.builder(items()).vocabulary(IDS).build().withNewItems(ids, text);
      case "DreamRec" -> DreamRec.builder(items()).vocabulary(IDS).build().withNewItems(ids, text);
      default -> alphaRec().withNewItems(ids, text);
    };
  }

  private static RankingModel before(String model) {
    return switch (model) {
      case "SasRec" -> SasRec.builder(items()).vocabulary(IDS).build();
      case "DreamRec" -> DreamRec.builder(items()).vocabulary(IDS).build();
      default -> alphaRec();
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"SasRec", "DreamRec", "AlphaRec"})
  void ranksThemBesideTheOthers(String model) {
    RankingModel larger = grown(model, List.of("kettle", "teapot"), ADDED);
    assertThat(larger.vocabulary().ids()).hasSize(ITEMS + 2).endsWith("kettle", "teapot");
    int[][] histories = {{1, 2, 3}};
    try (ItemScorer now = larger.scorer();
        ItemScorer old = before(model).scorer()) {
      Tensor scores = now.score(histories);
      Tensor expected = old.score(histories);
      for (int i = 0; i < ITEMS; i++) {
        assertThat(scores.get(i)).isCloseTo(expected.get(i), within(1e-4));
      }
    }
    try (Recommender recommender = Recommender.builder(larger).build()) {
      assertThat(recommender.recommend(List.of("kettle"), 5)).hasSize(5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SasRec", "DreamRec", "AlphaRec"})
  void refusesWhatIsNotNew(String model) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grown(model, List.of("kettle", "sku-3"), ADDED))
        .withMessage(
            "ids must be new, found \"sku-3\", which is one of the 20 items of the catalogue");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grown(model, List.of("kettle", "kettle"), ADDED))
        .withMessageContaining("expected an id of its own for every item, found \"kettle\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grown(model, List.of("kettle"), ADDED))
        .withMessage("text must have a row for each of 1 new items, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grown(model, List.of(), ADDED))
        .withMessage("ids must name at least one new item, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grown(model, List.of("a", "b"), ADDED.withIds(List.of("b", "a"))))
        .withMessageStartingWith("text must have the items of the new items in its order: row 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                grown(model, List.of("a", "b"), LanguageEmbeddings.of(RandomNumbers.rows(3, 2, 5))))
        .withMessageContaining("9");
  }

  @Test
  void idsWithoutTextCannotGrow() {
    SequenceModel<?> model = SasRec.builder(IdItemEmbedding.builder(ITEMS, 8).build()).build();
    assertThatIllegalStateException()
        .isThrownBy(() -> model.withNewItems(List.of("a", "b"), ADDED))
        .withMessageContaining("knows no item by its text alone");
  }
}
