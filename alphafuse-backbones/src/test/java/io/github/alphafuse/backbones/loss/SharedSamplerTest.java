package io.github.alphafuse.backbones.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.model.SharedItems;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedSamplerTest {
  private static final int ITEMS = 20;

  private static long[] frequencies() {
    return IntStream.range(0, ITEMS).mapToLong(i -> i).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 19, 20})
  void drawsDifferentItemsUniformly(int count) {
    SharedSampler sampler = new SharedNegatives(count, false, false).sampler(frequencies());
    SplittableRandom random = new SplittableRandom(1);
    int[] drawn = new int[ITEMS];
    int times = 8000;
    for (int n = 0; n < times; n++) {
      SharedItems items = sampler.sample(new int[] {3}, random);
      assertThat(items.size()).isEqualTo(count);
      for (int item : items.items()) {
        drawn[item]++;
      }
    }
    double share = (double) count / ITEMS;
    double deviation = Math.sqrt(times * share * (1 - share));
    for (int item = 0; item < ITEMS; item++) {
      assertThat((double) drawn[item]).isCloseTo(times * share, within(5 * deviation + 1e-9));
    }
  }

  @Test
  void addsTheTargetsOfTheBatch() {
    SharedSampler sampler = new SharedNegatives(3, true, true).sampler(frequencies());
    SharedItems items = sampler.sample(new int[] {5, 5, 19}, new SplittableRandom(1));
    assertThat(items.items()).contains(5, 19).doesNotHaveDuplicates().isSorted();
    assertThat(items.size()).isBetween(3, 5);
    // Nothing of a batch is left for the next.
    assertThat(sampler.sample(new int[] {2}, new SplittableRandom(2)).size()).isBetween(3, 4);
  }

  /** With its weight, an item counts for itself once on average. */
  @Test
  void weightsAreOneOverTheProbabilityOfBeingThere() {
    long[] frequencies = frequencies();
    long total = Arrays.stream(frequencies).sum();
    SharedSampler sampler = new SharedNegatives(4, true, true).sampler(frequencies);
    SplittableRandom random = new SplittableRandom(1);
    double[] sums = new double[ITEMS];
    int times = 20_000;
    int[] targets = new int[6];
    for (int n = 0; n < times; n++) {
      for (int p = 0; p < targets.length; p++) {
        long at = random.nextLong(total);
        int item = 0;
        while (at >= frequencies[item]) {
          at -= frequencies[item++];
        }
        targets[p] = item;
      }
      SharedItems items = sampler.sample(targets, random);
      for (int i = 0; i < items.size(); i++) {
        sums[items.items()[i]] += items.weights()[i];
      }
    }
    for (double sum : sums) {
      assertThat(sum / times).isCloseTo(1, within(0.06));
    }
  }

  @Test
  void uniformItemsStandForAllOthers() {
    SharedItems items =
        new SharedNegatives(4, false, true)
            .sampler(frequencies())
            .sample(new int[] {1}, new SplittableRandom(1));
    assertThat(items.weights()).containsOnly(19 / 4.0);
    assertThat(
            new SharedNegatives(4, true, false)
                .sampler(frequencies())
                .sample(new int[] {1}, new SplittableRandom(1))
                .weights())
        .containsOnly(1);
  }

  @Test
  void rejectsMoreThanTheCatalogueAndNoTargets() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampledSoftmax.withShared(0))
        .withMessage("count must be at least 1, found 0");
    SharedNegatives many = new SharedNegatives(21, false, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> many.sampler(frequencies()))
        .withMessage("count must be at most the 20 items of the catalogue, found 21");
    SharedNegatives few = new SharedNegatives(2, false, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> few.sampler(new long[ITEMS]))
        .withMessage("there must be at least one training target, found none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampledSoftmax.withShared(2).temperature(0))
        .withMessage("temperature must be positive and finite, found 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharedItems(new int[] {2, 2}, new double[] {1, 1}))
        .withMessageContaining("items must ascend from 0, each once, found 2 at index 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharedItems(new int[] {2}, new double[] {Double.NaN}))
        .withMessage("weights must be positive and finite, found NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharedItems(new int[] {2}, new double[0]))
        .withMessage("weights must hold one number per item (1), found 0");
  }
}
