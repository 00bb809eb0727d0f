package io.github.alphafuse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantilesTest {
  @ParameterizedTest
  @CsvSource({"0, 1", "0.1, 1.3", "0.5, 2.5", "0.9, 3.7", "1, 4"})
  void interpolates(double share, double expected) {
    assertThat(Quantiles.of(new double[] {4, 1, 3, 2}).at(share))
        .isBetween(expected - 1e-12, expected + 1e-12);
  }

  @Test
  void ofOneNumberIsIt() {
    assertThat(Quantiles.of(new double[] {7}).at(0.999)).isEqualTo(7);
  }

  @Test
  void rejectsNoNumbersAndOtherShares() {
    assertThatIllegalArgumentException().isThrownBy(() -> Quantiles.of(new double[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantiles.of(new double[] {1}).at(1.5))
        .withMessageContaining("1.5");
  }
}
