package io.github.alphafuse.examples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.alphafuse.backbones.data.DataFolder;
import io.github.alphafuse.backbones.data.UserSequence;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedCatalogueTest {
  private final GeneratedCatalogue catalogue =
      GeneratedCatalogue.builder().items(600).users(3000).dim(32).seed(5).build();

  @Test
  void oneSeedGivesOneCatalogue() {
    GeneratedCatalogue again =
        GeneratedCatalogue.builder().items(600).users(3000).dim(32).seed(5).build();
    assertThat(again.embeddings().toTensor().floats())
        .isEqualTo(catalogue.embeddings().toTensor().floats());
    assertThat(again.sequences().sequences()).isEqualTo(catalogue.sequences().sequences());
    assertThat(again.titles()).isEqualTo(catalogue.titles());
    GeneratedCatalogue other =
        GeneratedCatalogue.builder().items(600).users(3000).dim(32).seed(6).build();
    assertThat(other.sequences().sequences()).isNotEqualTo(catalogue.sequences().sequences());
  }

  @Test
  void spectrumDecaysSteeplyAndNormsAreUnequal() {
    LanguageEmbeddings rows = catalogue.embeddings();
    NullSpaceProjector projector = NullSpaceProjector.builder().nullDim(16).fit(rows);
    double[] shares = projector.explainedVariance();
    assertThat(Arrays.stream(shares, 0, 8).sum()).isGreaterThan(0.75);
    assertThat(shares[31]).isLessThan(5e-3);
    double[] norms = new double[600];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(Arrays.stream(rows.row(i)).map(x -> x * x).sum());
    }
    assertThat(Arrays.stream(norms).boxed()).allMatch(norm -> norm > 1 && norm < 30);
    assertThat(Arrays.stream(norms).average().orElse(0)).isBetween(6.0, 14.0);
  }

  @Test
  void textExplainsPartOfWhatUsersDoAndCoPurchaseAnother() {
    // Transitions between items of one title stem are text; the most frequent successor that has
    // another stem is co-purchase.
    int transitions = 0;
    int sameGroup = 0;
    Map<Integer, Map<Integer, Integer>> followers = new HashMap<>();
    for (UserSequence user : catalogue.sequences().sequences()) {
      int[] items = user.items();
      assertThat(new HashSet<>(Arrays.stream(items).boxed().toList())).hasSize(items.length);
      for (int i = 1; i < items.length; i++) {
        transitions++;
        if (noun(items[i - 1]).equals(noun(items[i]))) {
          sameGroup++;
        } else {
          followers
              .computeIfAbsent(items[i - 1], k -> new HashMap<>())
              .merge(items[i], 1, Integer::sum);
        }
      }
    }
    int strongest =
        followers.values().stream()
            .mapToInt(next -> next.values().stream().mapToInt(x -> x).max().orElse(0))
            .sum();
    assertThat(sameGroup / (double) transitions).isBetween(0.2, 0.6);
    assertThat(strongest / (double) transitions).isBetween(0.2, 0.5);
  }

  private String noun(int row) {
    return catalogue.titles().get(row).split(" ", -1)[1];
  }

  @Test
  void popularityIsSkewed() {
    long[] counts = catalogue.sequences().itemFrequencies();
    Arrays.sort(counts);
    long top = Arrays.stream(counts, 540, 600).sum();
    assertThat(top / (double) Arrays.stream(counts).sum()).isBetween(0.15, 0.6);
  }

  @Test
  void aFolderHoldsTheSame(@TempDir Path folder) {
    catalogue.write(folder);
    DataFolder read = DataFolder.builder(folder).itemCount(600).open();
    assertThat(read.sequences().sequences()).isEqualTo(catalogue.sequences().sequences());
    assertThat(read.titles().orElseThrow().values()).containsExactlyElementsOf(catalogue.titles());
    assertThat(read.split().test().target(0)).isEqualTo(catalogue.split().test().target(0));
    assertThat(read.split().train().size()).isEqualTo(2400);
    assertThat(new HashSet<>(catalogue.titles())).hasSize(600);
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> GeneratedCatalogue.builder().items(10))
        .hasMessage("items must be at least 50, found 10");
    assertThatThrownBy(() -> GeneratedCatalogue.builder().behaviour(0.9, 0.9))
        .hasMessageContaining("at most 0.95");
    assertThatThrownBy(() -> GeneratedCatalogue.builder().length(1))
        .hasMessageContaining("[2, 20]");
  }
}
