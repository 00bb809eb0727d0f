package io.github.alphafuse.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchSpaceTest {

  @Test
  void drawsValuesFromListsAndRanges() {
    SearchSpace space =
        SearchSpace.parse(
            List.of(
                "lr=0.001..0.1", "--dropout_rate=0.1, 0.2", "null_dim=3..5", "id_scale=1..2.5"));
    List<ImmutableMap<String, String>> drawn = space.draw(40, 1);
    assertThat(drawn).hasSize(40).doesNotHaveDuplicates();
    assertThat(space.draw(40, 1)).isEqualTo(drawn);
    assertThat(space.draw(40, 2)).isNotEqualTo(drawn);
    assertThat(drawn)
        .allSatisfy(
            settings -> {
              assertThat(Double.parseDouble(settings.get("lr"))).isBetween(0.001, 0.1);
              assertThat(settings.get("dropout_rate")).isIn("0.1", "0.2");
              assertThat(settings.get("null_dim")).isIn("3", "4", "5");
              assertThat(Double.parseDouble(settings.get("id_scale"))).isBetween(1.0, 2.5);
            });
    // On a logarithmic scale half of the rates are below the geometric mean.
    assertThat(drawn)
        .filteredOn(settings -> Double.parseDouble(settings.get("lr")) < 0.01)
        .hasSizeBetween(12, 28);
    assertThat(SearchSpace.parse(List.of("a=1,2")).draw(9, 1)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "lr, 'must be key=value,value or key=from..to'",
    "lr=, 'must be key=value,value or key=from..to'",
    "'lr=,', has no values",
    "lr=2..1, a range needs finite numbers in ascending order",
    "lr=a..1, a range must be between numbers",
    "lr=1..Infinity, a range needs finite numbers in ascending order"
  })
  void rejectsWhatIsNoSetting(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchSpace.parse(List.of(text)))
        .withMessageContaining(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchSpace.parse(List.of("lr=1", "lr=2")))
        .withMessage("--try names lr twice");
  }
}
