package io.github.alphafuse.backbones.graphcf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.data.ItemVocabulary;
import io.github.alphafuse.backbones.data.UserItems;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairSamplerTest {
  @Test
  void drawsUnseenItemsOfUsersWithItems() {
    InteractionGraph graph = RandomGraph.of(30, 40, 0.3);
    PairBatch batch = PairSampler.of(graph, 5).sample(2000, new SplittableRandom(1));
    assertThat(batch.negativesPerPair()).isEqualTo(5);
    for (int b = 0; b < batch.size(); b++) {
      int[] seen = graph.interactions().items(batch.users()[b]);
      assertThat(Arrays.binarySearch(seen, batch.positives()[b])).isNotNegative();
      for (int k = 0; k < 5; k++) {
        assertThat(Arrays.binarySearch(seen, batch.negatives()[b * 5 + k])).isNegative();
      }
    }
    assertThat(batch.users()).as("the user without items").doesNotContain(29);
  }

  @Test
  void drawsUsersUniformlyWhateverTheirItems() {
    int[][] items = {{0}, {0, 1, 2, 3, 4, 5, 6, 7}};
    InteractionGraph graph = InteractionGraph.of(UserItems.of(20, items));
    PairBatch batch = PairSampler.of(graph, 1).sample(20_000, new SplittableRandom(2));
    double share = Arrays.stream(batch.users()).filter(u -> u == 0).count() / 20_000.0;
    assertThat(share).isEqualTo(0.5, within(0.02));
    int[] counts = new int[20];
    for (int b = 0; b < batch.size(); b++) {
      if (batch.users()[b] == 1) {
        counts[batch.positives()[b]]++;
      }
    }
    for (int item = 0; item < 8; item++) {
      assertThat(counts[item] / 10_000.0).isEqualTo(1.0 / 8, within(0.02));
    }
    int[] unseen = new int[20];
    for (int b = 0; b < batch.size(); b++) {
      unseen[batch.negatives()[b]] += batch.users()[b] == 1 ? 1 : 0;
    }
    for (int item = 8; item < 20; item++) {
      assertThat(unseen[item] / 10_000.0).isEqualTo(1.0 / 12, within(0.02));
    }
  }

  @Test
  void isRepeatable() {
    InteractionGraph graph = RandomGraph.of(30, 40, 0.3);
    PairBatch first = PairSampler.of(graph, 5).sample(500, new SplittableRandom(7));
    PairBatch again = PairSampler.of(graph, 5).sample(500, new SplittableRandom(7));
    assertThat(again.negatives()).isEqualTo(first.negatives());
    assertThat(again.positives()).isEqualTo(first.positives());
  }

  @Test
  void namesTheUserWithTooFewUnseenItems() {
    UserItems items =
        UserItems.of(
            ItemVocabulary.ofRows(4), List.of("ann", "bob"), new int[][] {{0, 1}, {0, 1, 2}});
    InteractionGraph graph = InteractionGraph.of(items);
    assertThat(PairSampler.of(graph, 1).sample(3, new SplittableRandom(1)).size()).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairSampler.of(graph, 2))
        .withMessage(
            "negatives must be at most the unseen items of each user, found 2: user \"bob\" has 1"
                + " unseen of 4 items");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairSampler.of(graph, 0))
        .withMessage("negatives must be at least 1, found 0");
  }
}
