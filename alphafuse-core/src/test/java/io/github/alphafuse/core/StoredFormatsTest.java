package io.github.alphafuse.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import io.github.alphafuse.core.nullspace.RowNormalization;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Files of each released format stay loadable. A file is written once, by {@link #write}, and never
 * again: a new format gets a new file beside the old ones.
 */
class StoredFormatsTest {
  private static final double[] NEW_ROW = {0.1, -0.2, 0.3, -0.4, 0.5, -0.6};

  /** What was computed from the stored numbers by the formula, outside this library. */
  private static final double[] PROJECTED = {
    -0.1264493412266962, 0.10131346091415161, -0.030643212958784787, 1.0920011411893824
  };

  private static final float[] ROW_8 = {0.6594443f, -0.3176861f, -2.0491142f, -1.3872014f};

  private static Path stored(String name) throws URISyntaxException {
    URL url = StoredFormatsTest.class.getResource("/formats/" + name);
    return Path.of(requireNonNull(url).toURI());
  }

  private static LanguageEmbeddings language() {
    return LanguageEmbeddings.of(RandomNumbers.rows(2026, 12, 6));
  }

  private static NullSpaceProjector projector() {
    return NullSpaceProjector.builder()
        .embeddingDim(4)
        .nullDim(2)
        .normalize(RowNormalization.MEAN)
        .scale(40)
        .fit(language());
  }

  private static FusedItemEmbedding items() {
    return FusedItemEmbedding.builder(projector(), language())
        .idInitializer(IdInitializer.normal())
        .seed(7)
        .build();
  }

  @Test
  void loadsTheProjectorOfFormat1() throws URISyntaxException {
    NullSpaceProjector loaded = NullSpaceProjector.load(stored("null-space-projector-v1.zip"));
    assertThat(loaded.languageDim()).isEqualTo(6);
    assertThat(loaded.embeddingDim()).isEqualTo(4);
    assertThat(loaded.nullDim()).isEqualTo(2);
    assertThat(loaded.normalization()).isEqualTo(RowNormalization.MEAN);
    assertThat(loaded.scale()).isEqualTo(40);
    assertThat(loaded.standardize()).isTrue();
    assertThat(loaded.cover()).isFalse();
    assertThat(loaded.project(NEW_ROW)).containsExactly(PROJECTED, within(1e-12));
    assertThat(loaded.project(NEW_ROW)).containsExactly(projector().project(NEW_ROW), within(1e-9));
  }

  @Test
  void loadsTheFusedItemEmbeddingOfFormat1() throws URISyntaxException {
    FusedItemEmbedding loaded = FusedItemEmbedding.load(stored("fused-item-embedding-v1.zip"));
    assertThat(loaded.itemCount()).isEqualTo(12);
    assertThat(loaded.dim()).isEqualTo(4);
    assertThat(loaded.nullDim()).isEqualTo(2);
    assertThat(loaded.cover()).isFalse();
    assertThat(loaded.elementType()).isEqualTo(ElementType.FLOAT32);
    assertThat(loaded.projector()).isPresent();
    float[] table = loaded.table().floats();
    for (int j = 0; j < 4; j++) {
      assertThat(table[8 * 4 + j]).isEqualTo(ROW_8[j]);
    }
    float[] expected = items().table().floats();
    for (int i = 0; i < expected.length; i++) {
      assertThat(table[i]).isCloseTo(expected[i], within(1e-5f));
    }
  }

  /** {@code -Dalphafuse.writeFormats=folder} writes the files of the formats of now. */
  @Test
  @EnabledIfSystemProperty(named = "alphafuse.writeFormats", matches = ".+")
  void write() {
    Path folder = Path.of(requireNonNull(System.getProperty("alphafuse.writeFormats")));
    projector().save(folder.resolve("null-space-projector-v1.zip"));
    items().save(folder.resolve("fused-item-embedding-v1.zip"));
  }
}
