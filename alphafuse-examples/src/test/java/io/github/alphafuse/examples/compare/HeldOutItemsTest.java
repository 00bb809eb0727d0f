package io.github.alphafuse.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.data.Examples;
import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.preset.Presets;
import io.github.alphafuse.backbones.sasrec.SasRec;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.examples.data.GeneratedCatalogue;
import io.github.alphafuse.examples.data.TrainingData;
import io.github.alphafuse.examples.option.CommandFailedException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HeldOutItemsTest {
  private static TrainingData data() {
    GeneratedCatalogue catalogue =
        GeneratedCatalogue.builder().items(60).users(300).dim(16).build();
    return new TrainingData("made", catalogue.embeddings(), catalogue.split(), Optional.empty());
  }

  private static Set<String> ids(Examples examples, ItemVocabulary vocabulary, boolean targets) {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < examples.size(); i++) {
      if (targets) {
        ids.add(vocabulary.id(examples.target(i)));
      } else {
        Arrays.stream(examples.history(i)).forEach(item -> ids.add(vocabulary.id(item)));
      }
    }
    return ids;
  }

  @Test
  void trainingKnowsNothingOfThem() {
    TrainingData source = data();
    HeldOutItems held = HeldOutItems.of(source, 0.2, 3);
    DatasetSplit kept = held.kept().split();
    assertThat(kept.vocabulary().size()).isEqualTo(48);
    assertThat(held.kept().embeddings().itemCount()).isEqualTo(48);
    assertThat(held.tested().vocabulary().size()).isEqualTo(60);
    Set<String> known = new HashSet<>(kept.vocabulary().ids());
    Set<String> targets = ids(held.tested().test(), held.tested().vocabulary(), true);
    assertThat(targets).isNotEmpty().doesNotContainAnyElementsOf(known);
    for (Examples part : new Examples[] {kept.train(), kept.validation()}) {
      assertThat(known).containsAll(ids(part, kept.vocabulary(), true));
      assertThat(known).containsAll(ids(part, kept.vocabulary(), false));
    }
    // An item keeps its text.
    float[] all = source.embeddings().toTensor().floats();
    float[] some = held.kept().embeddings().toTensor().floats();
    for (int row = 0; row < 48; row++) {
      int old = source.split().vocabulary().row(kept.vocabulary().id(row));
      assertThat(Arrays.copyOfRange(some, row * 16, row * 16 + 16))
          .isEqualTo(Arrays.copyOfRange(all, old * 16, old * 16 + 16));
    }
  }

  @Test
  void aModelIsExtendedByTheirText() {
    HeldOutItems held = HeldOutItems.of(data(), 0.2, 3);
    FusedItemEmbedding items = Presets.recommended().items(held.kept().embeddings()).build();
    SasRec model = SasRec.builder(items).vocabulary(held.kept().split().vocabulary()).build();
    assertThat(held.extend(model).orElseThrow().vocabulary()).isEqualTo(held.tested().vocabulary());
    assertThat(held.extend(SasRec.builder(IdItemEmbedding.builder(48, 8).build()).build()))
        .isEmpty();
    assertThatExceptionOfType(CommandFailedException.class)
        .isThrownBy(() -> HeldOutItems.of(data(), 0.001, 3))
        .withMessageContaining("must hold out at least 1 of 60 items and keep 2, found 0");
  }
}
