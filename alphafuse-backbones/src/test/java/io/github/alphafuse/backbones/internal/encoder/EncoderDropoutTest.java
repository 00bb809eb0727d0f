package io.github.alphafuse.backbones.internal.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderDropoutTest {

  private static double[] mask(ElementType type, double probability, long seed, int size) {
    Tensor mask = Tensor.zeros(type, size);
    mask.fill(77);
    new EncoderDropout(probability).of(seed).fill(mask, 0, size);
    return mask.to(ElementType.FLOAT64).doubles();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.2, 0.5, 0.9})
  void dropsWithItsProbabilityAndKeepsTheMean(double probability) {
    int size = 100_003;
    double[] mask = mask(ElementType.FLOAT64, probability, 1, size);
    double factor = 1 / (1 - probability);
    long dropped = Arrays.stream(mask).filter(x -> x == 0).count();
    long kept = Arrays.stream(mask).filter(x -> x == factor).count();
    assertThat(dropped + kept).isEqualTo(size);
    double deviation = Math.sqrt(probability * (1 - probability) / size);
    assertThat((double) dropped / size).isCloseTo(probability, within(4 * deviation + 1e-12));
    assertThat(Arrays.stream(mask).average().orElseThrow())
        .isCloseTo(1, within(4 * deviation * factor + 1e-12));
  }

  @Test
  void drawsEachPlaceOnItsOwn() {
    double[] mask = mask(ElementType.FLOAT64, 0.5, 2, 80_000);
    for (int lag = 1; lag <= 8; lag++) {
      int equal = 0;
      for (int i = lag; i < mask.length; i++) {
        equal += mask[i] == mask[i - lag] ? 1 : 0;
      }
      assertThat((double) equal / mask.length).isCloseTo(0.5, within(0.01));
    }
  }

  @Test
  void repeatsItselfWithASeedInBothTypes() {
    double[] mask = mask(ElementType.FLOAT64, 0.25, 3, 1001);
    assertThat(mask(ElementType.FLOAT64, 0.25, 3, 1001)).containsExactly(mask);
    assertThat(mask(ElementType.FLOAT32, 0.25, 3, 1001)).containsExactly(mask, within(1e-6));
    assertThat(mask(ElementType.FLOAT64, 0.25, 4, 1001)).isNotEqualTo(mask);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN})
  void rejectsOtherProbabilities(double bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mask(ElementType.FLOAT32, bad, 1, 3))
        .withMessage("probability must lie in [0, 1), found " + bad);
  }
}
