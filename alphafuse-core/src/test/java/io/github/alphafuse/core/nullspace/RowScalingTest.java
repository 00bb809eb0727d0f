package io.github.alphafuse.core.nullspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowScalingTest {
  private static final LanguageEmbeddings ROWS =
      LanguageEmbeddings.of(new double[][] {{3, 4}, {0, 1}, {6, -8}, {0, 0.5}});

  @TempDir Path folder;

  @Test
  void scalesRowsAsTheyWereNormalised() {
    assertThat(scaled(RowNormalization.NONE)).containsExactly(30, 40, 0, 10, 60, -80, 0, 5);
    assertThat(scaled(RowNormalization.ROWS))
        .containsExactly(new double[] {6, 8, 0, 10, 6, -8, 0, 10}, within(1e-12));
    // The mean norm is (5 + 1 + 10 + 0.5) / 4.
    double by = 10 / 4.125;
    assertThat(scaled(RowNormalization.MEAN))
        .containsExactly(
            new double[] {3 * by, 4 * by, 0, by, 6 * by, -8 * by, 0, 0.5 * by}, within(1e-12));
  }

  private static double[] scaled(RowNormalization how) {
    return RowScaling.fit(ROWS, how, 10).apply(ROWS, ElementType.FLOAT64).doubles();
  }

  /** A projector that neither centres nor rotates would give these rows. */
  @ParameterizedTest
  @EnumSource
  void isThatOfTheProjector(RowNormalization how) {
    LanguageEmbeddings text = LanguageEmbeddings.of(RandomNumbers.rows(2, 30, 6));
    NullSpaceProjector projector =
        NullSpaceProjector.builder().nullDim(0).normalize(how).standardize(false).fit(text);
    RowScaling scaling = RowScaling.fit(text, how, 40);
    assertThat(scaling.rowFactor()).isCloseTo(projector.rowFactor(), within(1e-12));
    Tensor rows = scaling.apply(text, ElementType.FLOAT64);
    Tensor projected = projector.project(text, ElementType.FLOAT64);
    double[] directions = projector.directions();
    double[] mean = projector.mean();
    for (int i = 0; i < 30; i++) {
      for (int k = 0; k < 6; k++) {
        double sum = 0;
        for (int j = 0; j < 6; j++) {
          sum += (rows.get(i * 6 + j) - mean[j]) * directions[j * 6 + k];
        }
        assertThat(projected.get(i * 6 + k)).isCloseTo(sum, within(1e-9));
      }
    }
  }

  @Test
  void newRowsTakeTheFittedFactor() {
    RowScaling scaling = RowScaling.fit(ROWS, RowNormalization.MEAN, 10);
    Tensor one = scaling.apply(LanguageEmbeddings.of(new double[][] {{1, 0}}), ElementType.FLOAT32);
    assertThat(one.floats()).containsExactly((float) (10 / 4.125), 0);
  }

  @ParameterizedTest
  @EnumSource
  void isTheSameAfterWritingAndReading(RowNormalization how) {
    ArchiveFormat format = new ArchiveFormat("test", 1);
    RowScaling scaling = RowScaling.fit(ROWS, how, 3.5);
    Path file = folder.resolve("scaling.zip");
    try (ArchiveWriter writer = ArchiveWriter.create(file, format)) {
      scaling.write(writer);
      writer.commit();
    }
    try (ArchiveReader reader = ArchiveReader.open(file, format)) {
      RowScaling read = RowScaling.read(reader);
      assertThat(read).hasToString(scaling.toString());
      assertThat(read.normalization()).isEqualTo(how);
      assertThat(read.scale()).isEqualTo(3.5);
      assertThat(read.rowFactor()).isEqualTo(scaling.rowFactor());
    }
  }

  @Test
  void rejectsWhatCannotBeScaled() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowScaling.fit(ROWS, RowNormalization.NONE, 0))
        .withMessage("scale must be positive and finite, found 0.0");
    LanguageEmbeddings zeros = LanguageEmbeddings.of(new double[][] {{0, 0}, {0, 0}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowScaling.fit(zeros, RowNormalization.MEAN, 1))
        .withMessage("embeddings must not be all zeros to be divided by their mean norm");
    RowScaling rows = RowScaling.fit(ROWS, RowNormalization.ROWS, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                rows.apply(
                    LanguageEmbeddings.of(new double[][] {{1, 0}, {0, 0}}), ElementType.FLOAT64))
        .withMessage("row 1 must not be all zeros to be normalised to norm 1");
  }
}
