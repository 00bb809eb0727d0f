package io.github.alphafuse.backbones.serve;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Splitter;
import io.github.alphafuse.backbones.model.RankingModel;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trained models that were saved by an earlier version recommend what they did then. The files are
 * never written again: beside each lie the recommendations of its day, one per line: history, item,
 * score.
 */
class EarlierModelsTest {
  private static final String[] FIELDS = {"history", "item", "score"};

  private static Path file(String name) throws URISyntaxException {
    return Path.of(requireNonNull(EarlierModelsTest.class.getResource("/formats/" + name)).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasrec-2026-11",
        "dreamrec-2026-11",
        "llm-esr-2026-11",
        "lightgcn-2026-11",
        "alpharec-2026-11"
      })
  void recommendTheSameItemsWithTheSameScores(String name, @TempDir Path folder)
      throws URISyntaxException, IOException {
    RankingModel model = SavedModel.load(file(name + ".zip"));
    Path again = folder.resolve("again.zip");
    model.save(again);
    for (Path path : List.of(file(name + ".zip"), again)) {
      try (Recommender recommender = Recommender.load(path)) {
        int rank = 0;
        for (String line : Files.readAllLines(file(name + ".tsv"))) {
          List<String> fields = Splitter.on('\t').splitToList(line);
          assertThat(fields).hasSameSizeAs(FIELDS);
          List<String> history = Splitter.on(' ').splitToList(fields.get(0));
          Recommendation found = recommender.recommend(history, 5).get(rank++ % 5);
          double score = Double.parseDouble(fields.get(2));
          assertThat(found.item()).isEqualTo(fields.get(1));
          assertThat(found.score()).isCloseTo(score, within(1e-4 * Math.abs(score)));
        }
        assertThat(rank).isEqualTo(10);
      }
    }
  }
}
