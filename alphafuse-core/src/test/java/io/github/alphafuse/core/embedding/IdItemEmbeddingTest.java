package io.github.alphafuse.core.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdItemEmbeddingTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void givesAndTakesRows(ElementType type) {
    Tensor rows = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
    IdItemEmbedding items = IdItemEmbedding.builder(3, 2).rows(rows).elementType(type).build();
    rows.fill(0);
    Tensor gathered = Tensor.zeros(type, 4, 2);
    items.gather(new int[] {2, 0, 3, 2}, gathered);
    assertThat(gathered.to(ElementType.FLOAT64).doubles()).containsExactly(5, 6, 1, 2, 0, 0, 5, 6);
    assertThat(items.table().to(ElementType.FLOAT64).doubles()).containsExactly(1, 2, 3, 4, 5, 6);

    Gradients gradients = Gradients.of(items.parameters());
    Tensor g = Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2).to(type);
    items.accumulate(new int[] {2, 0, 3, 2}, g, gradients);
    Tensor gradient = gradients.get(IdItemEmbedding.TABLE);
    assertThat(gradient.to(ElementType.FLOAT64).doubles()).containsExactly(3, 4, 0, 0, 8, 10, 0, 0);
    items.accumulateTable(Tensor.of(new double[] {1, 1, 1, 1, 1, 1}, 3, 2).to(type), gradients);
    assertThat(gradient.to(ElementType.FLOAT64).doubles()).containsExactly(4, 5, 1, 1, 9, 11, 0, 0);
    gradients.clear();
    assertThat(gradient.to(ElementType.FLOAT64).doubles()).containsOnly(0);
  }

  @Test
  void takesAPaddingRowAsWell() {
    Tensor rows = RandomNumbers.tensor(ElementType.FLOAT32, 1, 4, 2);
    IdItemEmbedding items = IdItemEmbedding.builder(3, 2).rows(rows).build();
    assertThat(items.itemCount()).isEqualTo(3);
    Tensor padding = Tensor.zeros(ElementType.FLOAT32, 1, 2);
    items.gather(new int[] {3}, padding);
    assertThat(padding.floats()).containsExactly(rows.floats()[6], rows.floats()[7]);
  }

  @Test
  void startsWithNormalNumbersOfItsSeed() {
    float[] first = IdItemEmbedding.builder(50, 4).seed(1).build().table().floats();
    assertThat(IdItemEmbedding.builder(50, 4).seed(1).build().table().floats())
        .containsExactly(first);
    assertThat(IdItemEmbedding.builder(50, 4).seed(2).build().table().floats()).isNotEqualTo(first);
    assertThat(first).doesNotContain(0f);
  }

  @ParameterizedTest
  @EnumSource
  void isTheSameAfterWritingAndReading(ElementType type) {
    ArchiveFormat format = new ArchiveFormat("test", 1);
    IdItemEmbedding items = IdItemEmbedding.builder(6, 3).elementType(type).build();
    Path file = folder.resolve("items.zip");
    try (ArchiveWriter writer = ArchiveWriter.create(file, format)) {
      items.write(writer);
      writer.commit();
    }
    try (ArchiveReader reader = ArchiveReader.open(file, format)) {
      ItemEmbedding read = ItemEmbedding.read(items.kind(), reader);
      assertThat(read).isInstanceOf(IdItemEmbedding.class).hasToString(items.toString());
      assertThat(read.elementType()).isEqualTo(type);
      assertThat(read.table().to(ElementType.FLOAT64).doubles())
          .containsExactly(items.table().to(ElementType.FLOAT64).doubles());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ItemEmbedding.read("other", reader))
          .withMessage("item embedding must be of one of the kinds [fused, id], found 'other'");
    }
  }

  @Test
  void rejectsWhatDoesNotFit() {
    IdItemEmbedding items = IdItemEmbedding.builder(3, 2).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {4}, Tensor.zeros(ElementType.FLOAT32, 1, 2)))
        .withMessage("ids[0] must lie in [0, 3], 3 being the padding item, found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {-1}, Tensor.zeros(ElementType.FLOAT32, 1, 2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> items.gather(new int[] {1}, Tensor.zeros(ElementType.FLOAT64, 1, 2)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                items.accumulateTable(
                    Tensor.zeros(ElementType.FLOAT32, 4, 2), Gradients.of(items.parameters())));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> IdItemEmbedding.builder(3, 2).rows(Tensor.zeros(ElementType.FLOAT32, 5, 2)));
    assertThatIllegalArgumentException().isThrownBy(() -> IdItemEmbedding.builder(0, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> IdItemEmbedding.builder(2, 0));
    Tensor bad = Tensor.zeros(ElementType.FLOAT32, 3, 2);
    bad.set(3, Double.NEGATIVE_INFINITY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdItemEmbedding.builder(3, 2).rows(bad))
        .withMessage("rows must be finite, found -Infinity at row 1, column 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gradients.of(items.parameters()).get("no such"))
        .withMessageContaining("no parameter 'no such'");
  }

  @Test
  void gradientsNameTheFirstThatIsNotFinite() {
    IdItemEmbedding items = IdItemEmbedding.builder(3, 2).build();
    Gradients gradients = Gradients.of(items.parameters());
    assertThat(gradients.firstNonFinite()).isEmpty();
    gradients.get(IdItemEmbedding.TABLE).set(5, Double.NaN);
    assertThat(gradients.firstNonFinite()).isEqualTo(IdItemEmbedding.TABLE);
  }

  @Test
  void startValuesAreSetInOneWay() {
    Tensor rows = Tensor.zeros(ElementType.FLOAT32, 3, 2);
    IdInitializer zeros = IdInitializer.zeros();
    assertThatIllegalStateException()
        .isThrownBy(() -> IdItemEmbedding.builder(3, 2).initializer(zeros).rows(rows))
        .withMessage("rows excludes initializer, which is set to zeros already");
    assertThatIllegalStateException()
        .isThrownBy(() -> IdItemEmbedding.builder(3, 2).rows(rows).initializer(zeros))
        .withMessage("initializer excludes rows, which is set already");
  }
}
