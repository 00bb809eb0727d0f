package io.github.alphafuse.backbones.sasrec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.encoder.EncoderConfig;
import io.github.alphafuse.backbones.encoder.ItemViews;
import io.github.alphafuse.backbones.model.Similarity;
import io.github.alphafuse.core.embedding.FusedItemEmbedding;
import io.github.alphafuse.core.embedding.IdInitializer;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.nullspace.NullSpaceProjector;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Models saved in each released format stay loadable. A file is written once, by {@link #write},
 * and never again: a new format gets a new file beside the old ones.
 */
class StoredModelTest {
  private static final int[][] HISTORIES = {{0}, {1, 2}, {3, 4, 5, 6, 7, 0, 1}, {5, 5, 5}};

  /** Scores of items 0 and 11 for each history, from the stored numbers, outside this library. */
  private static final double[] SCORES = {
    5.3108066, -0.8287828, -0.0436334, -0.4074379, 2.3526555, 2.6102421, 1.4606559, -1.4245311
  };

  private static SasRec model() {
    LanguageEmbeddings language = LanguageEmbeddings.of(RandomNumbers.rows(4, 12, 10));
    NullSpaceProjector projector =
        NullSpaceProjector.builder().embeddingDim(8).nullDim(4).fit(language);
    return SasRec.builder(
            FusedItemEmbedding.builder(projector, language)
                .idInitializer(IdInitializer.normal())
                .build())
        .maxLength(4)
        .heads(2)
        .blocks(2)
        .dropout(0.25)
        .seed(3)
        .vocabulary(
            ItemVocabulary.of(IntStream.range(0, 12).mapToObj(i -> "caf\u00e9 " + i).toList()))
        .build();
  }

  private static double[] scores(SasRec model) {
    try (SasRecScorer scorer = model.scorer()) {
      float[] all = scorer.score(HISTORIES).floats();
      double[] some = new double[2 * HISTORIES.length];
      for (int b = 0; b < HISTORIES.length; b++) {
        some[2 * b] = all[b * 12];
        some[2 * b + 1] = all[b * 12 + 11];
      }
      return some;
    }
  }

  @Test
  void loadsTheModelOfFormat1() throws URISyntaxException {
    URL url = requireNonNull(StoredModelTest.class.getResource("/formats/sasrec-v1.zip"));
    SasRec loaded = SasRec.load(Path.of(url.toURI()));
    assertThat(loaded.vocabulary().id(11)).isEqualTo("caf\u00e9 11");
    assertThat(loaded.encoder().config())
        .isEqualTo(new EncoderConfig(8, 4, 2, 2, 0.25, ItemViews.ONE));
    assertThat(loaded.items()).hasToString(model().items().toString());
    // A file of before models knew their similarity.
    assertThat(loaded.similarity()).isEqualTo(Similarity.INNER_PRODUCT);
    assertThat(scores(loaded)).containsExactly(SCORES, within(1e-4));
  }

  /** {@code -Dalphafuse.writeFormats=folder} writes a file of the format of now. */
  @Test
  @EnabledIfSystemProperty(named = "alphafuse.writeFormats", matches = ".+")
  void write() {
    Path folder = Path.of(requireNonNull(System.getProperty("alphafuse.writeFormats")));
    model().save(folder.resolve("sasrec-v1.zip"));
    assertThat(scores(model())).containsExactly(SCORES, within(1e-4));
  }
}
