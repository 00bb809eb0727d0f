package io.github.alphafuse.examples.command;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutItemsTest {
  @TempDir private Path folder;

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

  @Test
  void compareTestsOnThemAlone() throws Exception {
    Path made = folder.resolve("data");
    GeneratedCatalogue.builder().items(60).users(300).dim(16).build().write(made);
    String[] arguments = {
      "compare",
      "--data",
      made.toString(),
      "--preset",
      "recommended",
      "--epochs",
      "2",
      "--seeds",
      "22,23",
      "--new_items",
      "0.2",
      "--methods",
      "alphafuse,half=alphafuse:null_dim=8,id",
      "--output",
      folder.resolve("out").toString()
    };
    Execution run = Execution.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String tables = Files.readString(folder.resolve("out/comparison.md"));
    assertThat(tables)
        .contains("12 of 60 items held out")
        .contains("## Paired differences on test")
        .contains("### all items", "### unseen items", "difference from AlphaFuse")
        .containsPattern(
            "half \\| 0\\.\\d+ ± 0\\.\\d+ \\| [+-]0\\.\\d+ ± 0\\.\\d+ \\| (tie|ahead|behind)")
        .contains("Validation unseen NDCG@20".substring(11));
    assertThat(
            Execution.of(
                    "compare",
                    "--backbone",
                    "graph",
                    "--new_items",
                    "0.2",
                    "--methods",
                    "all",
                    "--output",
                    folder.resolve("g").toString())
                .err())
        .contains("--new_items is for the backbone sasrec");
    arguments[12] = "alphafuse,pub=alphafuse:mask_seen=false";
    assertThat(Execution.of(arguments).err()).contains("mask_seen is the same for all methods");
  }
}
