package io.github.alphafuse.backbones.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.embedding.Gradients;
import io.github.alphafuse.core.embedding.IdItemEmbedding;
import io.github.alphafuse.core.fixture.RandomNumbers;
import io.github.alphafuse.core.storage.ArchiveFormat;
import io.github.alphafuse.core.storage.ArchiveReader;
import io.github.alphafuse.core.storage.ArchiveWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AdamTest {
  private static final ArchiveFormat FORMAT = new ArchiveFormat("adam", 1);

  @ParameterizedTest
  @CsvSource({"FLOAT64, 0", "FLOAT64, 0.1", "FLOAT32, 0", "FLOAT32, 0.1"})
  void agreesWithTheFormula(ElementType type, double decay) {
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
    double[] expected = p.copy().to(ElementType.FLOAT64).copy().doubles();
    double[] m = new double[12];
    double[] v = new double[12];
    for (int t = 1; t <= 7; t++) {
      Tensor g = gradients.get("p");
      g.copyFrom(RandomNumbers.tensor(type, 10 + t, 4, 3));
      double[] given = g.copy().to(ElementType.FLOAT64).doubles();
      adam.step(gradients);
      assertThat(g.to(ElementType.FLOAT64).doubles()).containsExactly(given);
      for (int i = 0; i < 12; i++) {
        double gradient = given[i] + decay * expected[i];
        m[i] = 0.8 * m[i] + 0.2 * gradient;
        v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
        double mHat = m[i] / (1 - Math.pow(0.8, t));
        double vHat = v[i] / (1 - Math.pow(0.95, t));
        expected[i] -= 0.01 * mHat / (Math.sqrt(vHat) + 1e-6);
        assertThat(p.get(i))
            .isCloseTo(expected[i], within(type == ElementType.FLOAT64 ? 1e-14 : 2e-6));
      }
    }
  }

  @Test
  void rowsThatABatchDoesNotTouchKeepMoving() {
    Tensor p = Tensor.zeros(ElementType.FLOAT32, 2);
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

  /** A table of 40 rows, once with account of touched rows and once without. */
  private static final class Tables {
    private static final int[] TOUCHED = {3, 4, 17, 38};
    final IdItemEmbedding items;
    final Gradients gradients;
    final Tensor table;

    Tables(ElementType type) {
      this(type, false);
    }

    /** Gradients of touched rows may be all that is kept. */
    Tables(ElementType type, boolean alone) {
      items = IdItemEmbedding.builder(39, 5).elementType(type).seed(4).build();
      gradients = alone ? lazy().newGradients() : adam().build().newGradients();
      table = requireNonNull(items.parameters().get(IdItemEmbedding.TABLE));
    }

    /** Row 17 is touched and has a gradient of zero. */
    void give(boolean account, long seed) {
      if (account) {
        items.start(TOUCHED, gradients);
      } else {
        gradients.clear();
      }
      Tensor rows = RandomNumbers.tensor(table.elementType(), seed, TOUCHED.length, 5);
      for (int r = 0; r < TOUCHED.length; r++) {
        if (TOUCHED[r] == 17) {
          rows.fillRow(r, 0);
        }
      }
      items.accumulate(TOUCHED, rows, gradients);
      assertThat(gradients.touchedRows(IdItemEmbedding.TABLE).isPresent()).isEqualTo(account);
    }

    Adam.Builder adam() {
      return Adam.builder(items.parameters()).learningRate(0.01).weightDecay(0.1);
    }

    Adam lazy() {
      return adam().lazyTables(items.parameters().keySet()).build();
    }

    static boolean moves(int row) {
      return row == 3 || row == 4 || row == 38;
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, true", "FLOAT32, false", "FLOAT64, true", "FLOAT64, false"})
  void theFirstStepOfALazyTableIsThatOfADenseOneOnTouchedRows(ElementType type, boolean account) {
    Tables lazy = new Tables(type);
    Tables dense = new Tables(type);
    Tensor start = lazy.table.copy();
    lazy.give(account, 1);
    lazy.lazy().step(lazy.gradients);
    dense.give(account, 1);
    dense.adam().build().step(dense.gradients);
    for (int row = 0; row < 40; row++) {
      for (int i = row * 5; i < row * 5 + 5; i++) {
        assertThat(lazy.table.get(i))
            .as("row %s", row)
            .isEqualTo(Tables.moves(row) ? dense.table.get(i) : start.get(i));
      }
      if (Tables.moves(row)) {
        assertThat(lazy.table.get(row * 5)).isNotEqualTo(start.get(row * 5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void lazyTablesAreTheSameWithAndWithoutAccount(ElementType type) {
    Tables with = new Tables(type);
    Tables without = new Tables(type);
    Tables alone = new Tables(type, true);
    Adam adamWith = with.lazy();
    Adam adamWithout = without.lazy();
    Adam adamAlone = alone.lazy();
    for (int t = 0; t < 5; t++) {
      with.give(true, t);
      adamWith.step(with.gradients);
      without.give(false, t);
      adamWithout.step(without.gradients);
      alone.give(true, t);
      assertThat(alone.gradients.touchedGradients(IdItemEmbedding.TABLE)).isPresent();
      adamAlone.step(alone.gradients);
    }
    double[] expected = without.table.to(ElementType.FLOAT64).doubles();
    assertThat(with.table.to(ElementType.FLOAT64).doubles()).containsExactly(expected);
    assertThat(alone.table.to(ElementType.FLOAT64).doubles()).containsExactly(expected);
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, false", "true, true"})
  void leavesTheGradientOfALazyTableAtZero(boolean account, boolean alone) {
    Tables tables = new Tables(ElementType.FLOAT32, alone);
    tables.give(account, 1);
    tables.lazy().step(tables.gradients);
    for (String name : tables.items.parameters().keySet()) {
      assertThat(tables.gradients.touchedRows(name)).hasValue(new int[0]);
      assertThat(tables.gradients.read(name).floats()).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void momentsOfUntouchedRowsOfALazyTablePause(ElementType type) {
    Tensor p = Tensor.zeros(type, 2, 1);
    Map<String, Tensor> parameters = Map.of("p", p);
    Optimizer adam =
        Adam.builder(parameters)
            .learningRate(0.01)
            .betas(0.8, 0.95)
            .lazyTables(Set.of("p"))
            .build();
    Gradients gradients = Gradients.of(parameters);
    double[] expected = new double[2];
    double[] m = new double[2];
    double[] v = new double[2];
    double[][] given = {{1, 2}, {0, 3}, {0, 0}, {-2, 0}, {1, 1}};
    for (int t = 1; t <= given.length; t++) {
      for (int i = 0; i < 2; i++) {
        double g = given[t - 1][i];
        gradients.get("p").set(i, g);
        if (g != 0) {
          m[i] = 0.8 * m[i] + 0.2 * g;
          v[i] = 0.95 * v[i] + 0.05 * g * g;
          double mHat = m[i] / (1 - Math.pow(0.8, t));
          double vHat = v[i] / (1 - Math.pow(0.95, t));
          expected[i] -= 0.01 * mHat / (Math.sqrt(vHat) + 1e-8);
        }
      }
      adam.step(gradients);
      assertThat(p.to(ElementType.FLOAT64).doubles())
          .containsExactly(expected, within(type == ElementType.FLOAT64 ? 1e-14 : 1e-7));
    }
  }

  private static ImmutableMap<String, Tensor> several() {
    return ImmutableMap.of(
        "bias", RandomNumbers.tensor(ElementType.FLOAT32, 1, 3),
        "table", RandomNumbers.tensor(ElementType.FLOAT32, 2, 5, 3),
        "scale", RandomNumbers.tensor(ElementType.FLOAT32, 3, 2));
  }

  private static Adam ofSeveral(Map<String, Tensor> parameters, boolean lazy) {
    return Adam.builder(parameters).lazyTables(lazy ? Set.of("table") : Set.of()).build();
  }

  private static void step(Adam adam, Map<String, Tensor> parameters, long seed) {
    Gradients gradients = Gradients.of(parameters);
    parameters.forEach(
        (name, value) ->
            gradients
                .get(name)
                .copyFrom(RandomNumbers.tensor(ElementType.FLOAT32, seed, value.shape())));
    adam.step(gradients);
  }

  /** The file does not tell whether tables are lazy, nor does a step on all rows without decay. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void goesOnFromAFile(boolean lazyBefore, boolean lazyAfter, @TempDir Path folder) {
    ImmutableMap<String, Tensor> parameters = several();
    Adam written = ofSeveral(parameters, lazyBefore);
    for (int t = 0; t < 3; t++) {
      step(written, parameters, t);
    }
    save(written, folder.resolve("written"));
    ImmutableMap<String, Tensor> others = several();
    others.forEach((name, value) -> value.copyFrom(requireNonNull(parameters.get(name))));
    Adam restored = ofSeveral(others, lazyAfter);
    try (ArchiveReader archive = ArchiveReader.open(folder.resolve("written"), FORMAT)) {
      restored.restore(archive);
    }
    save(restored, folder.resolve("again"));
    assertThat(folder.resolve("again")).hasSameBinaryContentAs(folder.resolve("written"));
    step(written, parameters, 9);
    step(restored, others, 9);
    others.forEach(
        (name, value) ->
            assertThat(value.floats())
                .as(name)
                .containsExactly(requireNonNull(parameters.get(name)).floats()));
  }

  @Test
  void refusesTheMomentsOfAnotherTable(@TempDir Path folder) {
    ImmutableMap<String, Tensor> larger =
        ImmutableMap.of("table", Tensor.zeros(ElementType.FLOAT32, 6, 3));
    save(ofSeveral(larger, true), folder.resolve("written"));
    ImmutableMap<String, Tensor> parameters =
        ImmutableMap.of("table", Tensor.zeros(ElementType.FLOAT32, 5, 3));
    try (ArchiveReader archive = ArchiveReader.open(folder.resolve("written"), FORMAT)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ofSeveral(parameters, true).restore(archive))
          .withMessageContaining("expected shape [5, 3], found [6, 3]");
    }
  }

  /** Enough rows for several threads with many blocks each, the last of them not full. */
  @ParameterizedTest
  @CsvSource({"64, true", "64, false", "3000, true", "1, true"})
  void manyRowsOfALazyTableMoveAsThoseOfADenseOne(int width, boolean alone) {
    int touched = Math.max(70, 5 * (1 << 16) / width) + 3;
    int[] rows = IntStream.range(0, touched).map(i -> 2 * i).toArray();
    IdItemEmbedding few = IdItemEmbedding.builder(2 * touched, width).build();
    IdItemEmbedding all = IdItemEmbedding.builder(2 * touched, width).build();
    Set<String> table = few.parameters().keySet();
    Adam lazy = Adam.builder(few.parameters()).lazyTables(table).build();
    Adam dense = Adam.builder(all.parameters()).build();
    Gradients ofFew = Gradients.of(few.parameters(), alone ? table : Set.of());
    Gradients ofAll = Gradients.of(all.parameters());
    for (int t = 0; t < 3; t++) {
      Tensor given = RandomNumbers.tensor(ElementType.FLOAT32, t, touched, width);
      few.start(rows, ofFew);
      few.accumulate(rows, given, ofFew);
      lazy.step(ofFew);
      all.start(rows, ofAll);
      all.accumulate(rows, given, ofAll);
      dense.step(ofAll);
    }
    assertThat(few.table().floats()).isEqualTo(all.table().floats());
    assertThat(ofFew.read(IdItemEmbedding.TABLE).floats()).containsOnly(0);
  }

  private static void save(Adam adam, Path path) {
    try (ArchiveWriter archive = ArchiveWriter.create(path, FORMAT)) {
      adam.write(archive);
      archive.commit();
    }
  }

  @Test
  void onlyTheTablesThatAreNamedAreLazy() {
    Tensor lazy = Tensor.of(new float[] {1, 1}, 2, 1);
    Tensor dense = Tensor.of(new float[] {1, 1}, 2, 1);
    Map<String, Tensor> parameters = Map.of("lazy", lazy, "dense", dense);
    for (boolean decoupled : new boolean[] {false, true}) {
      Adam.builder(parameters)
          .weightDecay(0.1)
          .decoupledWeightDecay(decoupled)
          .lazyTables(Set.of("lazy"))
          .build()
          .step(Gradients.of(parameters));
    }
    assertThat(lazy.floats()).containsExactly(1, 1);
    assertThat(dense.get(0)).isLessThan(1);
  }

  /** What no account was kept of is poisoned: whoever reads it would move it. */
  @Test
  void aStepOnALargeTableLooksAtTouchedRowsOnly() {
    int height = 200_000;
    IdItemEmbedding items = IdItemEmbedding.builder(height, 4).build();
    Tensor table = requireNonNull(items.parameters().get(IdItemEmbedding.TABLE));
    Tensor start = table.copy();
    Gradients gradients = Gradients.of(items.parameters());
    int[] touched = {0, 77, 123_456, height - 1};
    gradients.clear();
    items.start(touched, gradients);
    gradients.read(IdItemEmbedding.TABLE).fill(Double.NaN);
    for (int row : touched) {
      gradients.read(IdItemEmbedding.TABLE).fillRow(row, 1);
    }
    assertThat(gradients.firstNonFinite()).isEmpty();
    Adam.builder(items.parameters())
        .lazyTables(items.parameters().keySet())
        .build()
        .step(gradients);
    for (int row : touched) {
      assertThat(table.get(row * 4)).isCloseTo(start.get(row * 4) - 1e-3, within(1e-6));
      start.fillRow(row, 0);
      table.fillRow(row, 0);
    }
    assertThat(table.floats()).isEqualTo(start.floats());
  }

  @Test
  void rejectsLazyTablesThatAreNone() {
    Adam.Builder builder = Adam.builder(Map.of("bias", Tensor.zeros(ElementType.FLOAT32, 3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.lazyTables(Set.of("bias")))
        .withMessage(
            "lazyTables must be parameters of two axes, one of [bias], found 'bias' FLOAT32[3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.lazyTables(Set.of("table")))
        .withMessageContaining("found 'table' null");
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
