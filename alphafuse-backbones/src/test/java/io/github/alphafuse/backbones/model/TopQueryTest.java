package io.github.alphafuse.backbones.model;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TopQueryTest {
  @Test
  void rejectsACountBelowOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TopQuery.ofAll(0))
        .withMessage("count must be at least 1, found 0");
  }
}
