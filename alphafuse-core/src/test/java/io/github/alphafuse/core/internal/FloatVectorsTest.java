package io.github.alphafuse.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each loop against a plain one, at all lengths around its steps and at several places. */
class FloatVectorsTest {
  private static final int SIZE = 60;

  static Stream<Arguments> parts() {
    return IntStream.rangeClosed(0, 40)
        .boxed()
        .flatMap(
            length ->
                Stream.of(
                    Arguments.of(length, 0, 0),
                    Arguments.of(length, 3, 11),
                    Arguments.of(length, SIZE - length, 1)));
  }

  private static float[] numbers(long seed) {
    return RandomNumbers.tensor(ElementType.FLOAT32, seed, SIZE).floats();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void sumsUp(int length, int at, int other) {
    float[] x = numbers(length);
    float[] y = numbers(length + 100);
    double dot = 0;
    double sum = 0;
    for (int i = 0; i < length; i++) {
      dot += (double) x[at + i] * y[other + i];
      sum += x[at + i];
    }
    assertThat((double) FloatVectors.dot(x, at, y, other, length)).isCloseTo(dot, within(1e-5));
    assertThat((double) FloatVectors.sum(x, at, length)).isCloseTo(sum, within(1e-5));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void findsTheLargest(int length, int at, int other) {
    if (length == 0) {
      return;
    }
    for (int place = 0; place < length; place++) {
      float[] x = numbers(length);
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < SIZE; i++) {
        // Larger numbers before and behind the part, all numbers of the part below 0.
        boolean inside = i >= at && i < at + length;
        x[i] = inside ? -10 - Math.abs(x[i]) : 1000;
      }
      x[at + place] = other == 0 ? x[at + place] : -5;
      for (int i = at; i < at + length; i++) {
        most = Math.max(most, x[i]);
      }
      assertThat(FloatVectors.max(x, at, length)).isEqualTo(most);
    }
  }

  @Test
  void addsFourVectorsAtOnceAndScales() {
    float[][] x = {numbers(1), numbers(2), numbers(3), numbers(4)};
    float[] factors = {0.5f, -2, 3, 0.25f};
    float[] y = numbers(5);
    float[] expected = y.clone();
    for (int i = 0; i < SIZE; i++) {
      for (int k = 0; k < 4; k++) {
        expected[i] += factors[k] * x[k][i];
      }
    }
    FloatVectors.addFourScaled(factors, x[0], x[1], x[2], x[3], y);
    assertThat(y).containsExactly(expected, within(1e-5f));
    FloatVectors.scale(-2, y, 0, SIZE);
    for (int i = 0; i < SIZE; i++) {
      assertThat(y[i]).isCloseTo(-2 * expected[i], within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0,
        -0f,
        Float.MIN_VALUE,
        1e-40f,
        Float.MIN_NORMAL,
        1e-30f,
        1e-7f,
        0.5f,
        1,
        3e4f,
        1e20f
      })
  void tellsPositiveNumbersFromOthers(float x) {
    assertThat(FloatVectors.isPositive(x)).isEqualTo(x > 0 ? 1f : 0f);
    assertThat(FloatVectors.isPositive(-x)).isZero();
    assertThat(FloatVectors.positivePart(x)).isEqualTo(x == 0 ? 0f : x);
    assertThat(FloatVectors.positivePart(-x)).isZero();
    for (float below : new float[] {0, 0.01f, 0.2f, 0.3f, 0.7f, 0.99f}) {
      assertThat(FloatVectors.leakySlope(x, below)).isEqualTo(x > 0 ? 1f : below);
      assertThat(FloatVectors.leakySlope(-x, below)).isEqualTo(below);
    }
  }

  @Test
  void doesNotHideNumbersThatAreNone() {
    assertThat(FloatVectors.isPositive(Float.NaN)).isNaN();
    assertThat(FloatVectors.positivePart(Float.NaN)).isNaN();
  }

  static Stream<int[]> rows() {
    return Stream.of(
        new int[] {0},
        new int[] {9},
        new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
        new int[] {0, 3, 6, 9},
        new int[] {0, 9},
        new int[] {9, 0, 4},
        new int[] {5, 5, 5},
        new int[] {2, 9, 3},
        new int[] {8, 9, 10, 12},
        new int[] {10},
        new int[] {12, 13});
  }

  /** Rows past the table's end stand for padding, and nothing is there to be read. */
  @ParameterizedTest
  @MethodSource("rows")
  void readsAheadWithinTheTable(int[] rows) {
    for (int width : new int[] {1, 15, 16, 17, 64}) {
      float[] table = new float[10 * width];
      Arrays.fill(table, 1);
      int last = rows[rows.length - 1];
      float all = FloatVectors.touch(table, 0, rows, 0, rows.length, width);
      float end = FloatVectors.touch(table, 0, rows, rows.length - 1, rows.length, width);
      int lines = (width + 15) / 16;
      // Rows that do not ascend may be passed over: reading ahead changes no result.
      boolean ascend = Arrays.equals(rows, Arrays.stream(rows).sorted().toArray());
      long inside = ascend ? Arrays.stream(rows).filter(row -> row < 10).distinct().count() : 0;
      assertThat(all)
          .isGreaterThanOrEqualTo(inside * (width / 16f))
          .isLessThanOrEqualTo(Math.max(10 * lines, rows.length * (lines + 1)));
      assertThat(end).isEqualTo(last < 10 ? lines : 0);
    }
  }

  /** Numbers of one line after the other are set: each must have been read. */
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 64, 80, 128, 144, 200})
  void readsEachLineOfFarRows(int width) {
    int[] rows = {0, 9};
    for (int start : new int[] {0, 12}) {
      for (int row : rows) {
        for (int line = 0; line < width; line += 16) {
          float[] table = new float[start + 10 * width];
          table[start + row * width + line] = 1;
          assertThat(FloatVectors.touch(table, start, rows, 0, 2, width))
              .as("line %s of row %s", line / 16, row)
              .isPositive();
        }
      }
    }
  }

  /** A row of 64 numbers lies in five lines, for arrays do not start with one. */
  @Test
  void touchesTheLineThatAFarRowEndsIn() {
    float[] table = new float[10 * 64];
    table[64 - 1] = 1;
    table[10 * 64 - 1] = 2;
    assertThat(FloatVectors.touch(table, 0, new int[] {0, 9}, 0, 2, 64)).isEqualTo(3);
  }

  /** The table's row 0 would start at -6.4e9, which is no int. */
  @Test
  void touchesRowsOfATableThatStartsAtALaterOne() {
    int before = 100_000_000;
    float[] table = new float[12 + 10 * 64];
    table[12] = 1;
    table[12 + 9 * 64] = 2;
    int start = 12 - before * 64;
    int[] far = {before, before + 9};
    assertThat(FloatVectors.touch(table, start, far, 0, 2, 64)).isEqualTo(3);
    int[] near = {before, before + 1};
    assertThat(FloatVectors.touch(table, start, near, 0, 2, 64)).isEqualTo(1);
  }

  private interface Loop {
    void apply(float[] x, float[] y);
  }

  private interface Plain {
    float of(float x, float y);
  }

  private static void assertChanges(int[] part, Loop loop, Plain plain) {
    int length = part[0];
    float[] x = numbers(length);
    float[] y = numbers(length + 100);
    float[] expected = y.clone();
    for (int i = 0; i < length; i++) {
      expected[part[2] + i] = plain.of(x[part[1] + i], y[part[2] + i]);
    }
    float[] source = x.clone();
    loop.apply(x, y);
    assertThat(y).containsExactly(expected, within(1e-6f));
    assertThat(x).isEqualTo(source);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void changesAPart(int length, int at, int other) {
    int[] part = {length, at, other};
    assertChanges(
        part,
        (x, y) -> FloatVectors.addScaled(-1.5f, x, at, y, other, length),
        (x, y) -> y - 1.5f * x);
    assertChanges(part, (x, y) -> FloatVectors.add(x, at, y, other, length), (x, y) -> y + x);
    assertChanges(part, (x, y) -> FloatVectors.multiply(x, at, y, other, length), (x, y) -> y * x);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void changesAPartFromTheStart(int length, int at, int other) {
    float factor = 0.25f * at - other;
    assertChanges(
        new int[] {length, 0, 0},
        (x, y) -> FloatVectors.addScaled(factor, x, y, length),
        (x, y) -> y + factor * x);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void combinesAsManyAsTheSumHolds(int length, int at, int other) {
    float[] x = numbers(at);
    float[] y = numbers(other + 100);
    float[] z = new float[length];
    FloatVectors.combine(2, x, -0.5f, y, z);
    for (int i = 0; i < length; i++) {
      assertThat(z[i]).isCloseTo(2 * x[i] - 0.5f * y[i], within(1e-6f));
    }
    // The sum may take the place of one of its terms.
    float[] same = java.util.Arrays.copyOf(x, length);
    FloatVectors.combine(2, same, -0.5f, y, same);
    assertThat(same).isEqualTo(z);
  }
}
