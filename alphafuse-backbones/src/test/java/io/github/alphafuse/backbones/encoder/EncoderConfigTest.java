package io.github.alphafuse.backbones.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import org.junit.jupiter.api.Test;

class EncoderConfigTest {

  @Test
  void hasThePublishedDefaults() {
    assertThat(EncoderConfig.builder(128).build())
        .isEqualTo(new EncoderConfig(128, 10, 1, 1, 0.1, ItemViews.ONE));
  }

  @Test
  void rejectsWhatIsOutOfRange() {
    EncoderConfig.Builder builder = EncoderConfig.builder(12);
    assertThatIllegalArgumentException().isThrownBy(() -> EncoderConfig.builder(1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.maxLength(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.blocks(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.heads(5))
        .withMessage("heads must divide the embedding dimension 12, found 5");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.heads(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.dropout(1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.dropout(Double.NaN));
  }

  @Test
  void startsWeightsAsPyTorchDoes() {
    EncoderConfig config = EncoderConfig.builder(64).blocks(2).build();
    EncoderWeights weights = EncoderWeights.initial(config, ElementType.FLOAT32, 3);
    weights
        .asMap()
        .forEach(
            (name, weight) -> {
              if (name.contains("norm.weight")) {
                assertThat(weight.floats()).containsOnly(1);
              } else if (name.contains("norm.bias")) {
                assertThat(weight.floats()).containsOnly(0);
              } else if (!name.equals(EncoderWeights.POSITION)) {
                for (float value : weight.floats()) {
                  assertThat(Math.abs(value)).isLessThanOrEqualTo(1 / 8f);
                }
                if (weight.rank() == 2) {
                  assertThat(deviation(weight)).isCloseTo(1 / Math.sqrt(3) / 8, within(0.002));
                }
              } else {
                assertThat(deviation(weight)).isCloseTo(1, within(0.1));
              }
            });
    float[] again =
        EncoderWeights.initial(config, ElementType.FLOAT32, 3).get("blocks.1.key.weight").floats();
    assertThat(again).containsExactly(weights.get("blocks.1.key.weight").floats());
    assertThat(again).isNotEqualTo(weights.get("blocks.0.key.weight").floats());
    assertThat(
            EncoderWeights.initial(config, ElementType.FLOAT32, 4)
                .get("blocks.1.key.weight")
                .floats())
        .isNotEqualTo(again);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weights.get("none"))
        .withMessageStartingWith("there is no weight 'none'");
  }

  private static double deviation(Tensor tensor) {
    double squares = 0;
    for (int i = 0; i < tensor.size(); i++) {
      squares += tensor.get(i) * tensor.get(i);
    }
    return Math.sqrt(squares / tensor.size());
  }
}
