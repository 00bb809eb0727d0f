package io.github.alphafuse.backbones.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NegativeSamplerTest {

  @Test
  void neverDrawsTheTarget() {
    int[] targets = {0, 3, 6, 3, 1};
    int[] drawn = NegativeSampler.uniform(7).sample(targets, 200, new SplittableRandom(1));
    assertThat(drawn).hasSize(1000);
    for (int i = 0; i < drawn.length; i++) {
      assertThat(drawn[i]).isBetween(0, 6).isNotEqualTo(targets[i / 200]);
    }
  }

  @Test
  void drawsAllOthersAlike() {
    int items = 11;
    int draws = 100_000;
    int[] drawn =
        NegativeSampler.uniform(items).sample(new int[] {4}, draws, new SplittableRandom(2));
    int[] counts = new int[items];
    for (int item : drawn) {
      counts[item]++;
    }
    double expected = draws / 10.0;
    double chiSquare = 0;
    for (int item = 0; item < items; item++) {
      if (item != 4) {
        chiSquare += (counts[item] - expected) * (counts[item] - expected) / expected;
      }
    }
    assertThat(counts[4]).isZero();
    // 99.9 % of chi-square with 9 degrees of freedom.
    assertThat(chiSquare).isLessThan(27.88);
  }

  @Test
  void drawsTheOtherOneOfTwo() {
    int[] drawn = NegativeSampler.uniform(2).sample(new int[] {0, 1}, 50, new SplittableRandom(3));
    assertThat(Arrays.copyOf(drawn, 50)).containsOnly(1);
    assertThat(Arrays.copyOfRange(drawn, 50, 100)).containsOnly(0);
  }

  @Test
  void repeatsItselfWithASeed() {
    NegativeSampler sampler = NegativeSampler.uniform(100);
    int[] targets = {5, 6};
    int[] first = sampler.sample(targets, 20, new SplittableRandom(4));
    assertThat(sampler.sample(targets, 20, new SplittableRandom(4))).containsExactly(first);
    assertThat(sampler.sample(targets, 20, new SplittableRandom(5))).isNotEqualTo(first);
  }

  @Test
  void rejectsWhatIsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeSampler.uniform(1))
        .withMessage("a catalogue must have at least 2 items to draw from, found 1");
    NegativeSampler sampler = NegativeSampler.uniform(3);
    for (int bad : new int[] {-1, 3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sampler.sample(new int[] {0, bad}, 1, new SplittableRandom(1)))
          .withMessage("target 1 must lie in [0, 3), found " + bad);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.sample(new int[] {0}, 0, new SplittableRandom(1)));
  }

  @Test
  void lossesRejectWhatIsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> InfoNce.withNegatives(0));
    assertThatIllegalArgumentException().isThrownBy(() -> BinaryCrossEntropy.withNegatives(0));
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> InfoNce.withNegatives(2).temperature(bad))
          .withMessage("temperature must be positive and finite, found " + bad);
      assertThatIllegalArgumentException().isThrownBy(() -> FullSoftmax.ofCosines(bad));
    }
    assertThat(InfoNce.withNegatives(2)).isEqualTo(new InfoNce(2, 0.07));
    assertThat(FullSoftmax.ofInnerProducts().negatives()).isZero();
  }
}
