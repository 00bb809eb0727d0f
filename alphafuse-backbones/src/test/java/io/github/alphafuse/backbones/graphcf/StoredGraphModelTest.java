package io.github.alphafuse.backbones.graphcf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.Tensor;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Models saved in each released format stay loadable; a new format gets a new file beside these.
 */
class StoredGraphModelTest {
  /** Scores of items 0 and 49 for users 0 and 29, from the stored numbers, outside this library. */
  private static final double[] LIGHT_GCN = {0.0726394, 0.0829531, 0.0343902, 0.0381890};

  private static final double[] ALPHA_REC = {0.9995534, 0.9918183, 0.9977682, 0.9760970};

  private static Path file(String name) throws URISyntaxException {
    URL url = requireNonNull(StoredGraphModelTest.class.getResource("/formats/" + name));
    return Path.of(url.toURI());
  }

  private static double[] scores(GraphModel model) {
    try (GraphScorer scorer = model.scorer();
        var users = model.userScorer()) {
      Tensor known = users.score(new int[] {0, 29});
      if (model instanceof AlphaRec) {
        int[][] histories = {
          model.graph().interactions().items(0), model.graph().interactions().items(29)
        };
        assertThat(scorer.score(histories).floats()).containsExactly(known.floats(), within(1e-5f));
      }
      return new double[] {known.get(0), known.get(49), known.get(50), known.get(99)};
    }
  }

  @Test
  void loadsLightGcnOfFormat1() throws URISyntaxException {
    LightGcn loaded = LightGcn.load(file("lightgcn-v1.zip"));
    assertThat(loaded.graph().users().get(29)).isEqualTo("u29");
    assertThat(scores(loaded)).containsExactly(LIGHT_GCN, within(1e-4));
  }

  @Test
  void loadsAlphaRecOfFormat1() throws URISyntaxException {
    AlphaRec loaded = AlphaRec.load(file("alpharec-v1.zip"));
    assertThat(loaded.projector()).isEqualTo(Projector.MLP);
    assertThat(scores(loaded)).containsExactly(ALPHA_REC, within(1e-4));
  }
}
