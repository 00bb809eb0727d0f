package io.github.alphafuse.backbones.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class AdamTest {

  @ParameterizedTest
  @CsvSource({"DOUBLE, 0", "DOUBLE, 0.1", "FLOAT, 0", "FLOAT, 0.1"})
  void agreesWithTheFormula(DataType type, double decay) {
    Tensor p = RandomNumbers.tensor(type, 1, 4, 3);
    Map<String, Tensor> parameters = Map.of("p", p);
    Optimizer adam =
        Adam.builder(parameters)
            .learningRate(0.01)
            .betas(0.8, 0.95)
            .epsilon(1e-6)
            .weightDecay(decay)
            .build();
    Gradients gradients = Gradients.of(parameters);
    double[] expected = p.copy().to(DataType.DOUBLE).copy().doubles();
    double[] m = new double[12];
    double[] v = new double[12];
    for (int t = 1; t <= 7; t++) {
      Tensor g = gradients.get("p");
      g.copyFrom(RandomNumbers.tensor(type, 10 + t, 4, 3));
      double[] given = g.copy().to(DataType.DOUBLE).doubles();
      adam.step(gradients);
      assertThat(g.to(DataType.DOUBLE).doubles()).containsExactly(given);
      for (int i = 0; i < 12; i++) {
        double gradient = given[i] + decay * expected[i];
        m[i] = 0.8 * m[i] + 0.2 * gradient;
        v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
        double mHat = m[i] / (1 - Math.pow(0.8, t));
        double vHat = v[i] / (1 - Math.pow(0.95, t));
        expected[i] -= 0.01 * mHat / (Math.sqrt(vHat) + 1e-6);
        assertThat(p.get(i)).isCloseTo(expected[i], within(type == DataType.DOUBLE ? 1e-14 : 2e-6));
      }
    }
  }

  @Test
  void rowsThatABatchDoesNotTouchKeepMoving() {
    Tensor p = Tensor.zeros(DataType.FLOAT, 2);
    Map<String, Tensor> parameters = Map.of("p", p);
    Optimizer adam = Adam.builder(parameters).build();
    Gradients gradients = Gradients.of(parameters);
    gradients.get("p").set(0, 1);
    adam.step(gradients);
    double first = p.get(0);
    assertThat(first).isCloseTo(-1e-3, within(1e-8));
    gradients.clear();
    adam.step(gradients);
    assertThat(p.get(0)).isLessThan(first);
    assertThat(p.get(1)).isZero();
  }

  @Test
  void decayMovesRowsWithoutAGradient() {
    Tensor p = Tensor.of(new float[] {1, -1, 0}, 3);
    Map<String, Tensor> parameters = Map.of("p", p);
    Adam.builder(parameters).weightDecay(1e-3).build().step(Gradients.of(parameters));
    assertThat(p.get(0)).isCloseTo(1 - 1e-3, within(1e-5));
    assertThat(p.get(1)).isCloseTo(-1 + 1e-3, within(1e-5));
    assertThat(p.get(2)).isZero();
  }

  @Test
  void rejectsWhatIsOutOfRange() {
    Adam.Builder builder = Adam.builder(Map.of());
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.learningRate(bad))
          .withMessage("learningRate must be positive and finite, found " + bad);
      assertThatIllegalArgumentException().isThrownBy(() -> builder.epsilon(bad));
    }
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.betas(bad, 0.9))
          .withMessage("beta1 must lie in [0, 1), found " + bad);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.betas(0.9, bad))
          .withMessage("beta2 must lie in [0, 1), found " + bad);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> builder.weightDecay(-1e-9));
    builder.weightDecay(0).betas(0, 0).build();
  }
}
