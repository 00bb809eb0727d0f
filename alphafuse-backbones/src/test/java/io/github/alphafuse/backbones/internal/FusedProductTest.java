package io.github.alphafuse.backbones.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.alphafuse.backbones.internal.FusedProduct.Heads;
import io.github.alphafuse.core.ElementType;
import io.github.alphafuse.core.Tensor;
import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The products against plain loops over their definition. */
class FusedProductTest {
  private static final int CAPACITY = 9;

  record Case(Heads kind, int heads, int out, int in) {
    int inputWidth() {
      return switch (kind) {
        case WHOLE -> in;
        case OUT_OF -> out;
        case INTO -> heads * in;
      };
    }

    int outputWidth() {
      return kind == Heads.OUT_OF ? heads * in : out;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    cases.add(new Case(Heads.WHOLE, 1, 8, 8));
    cases.add(new Case(Heads.WHOLE, 1, 1, 5));
    cases.add(new Case(Heads.WHOLE, 1, 7, 24));
    // More rows than one task of the gradient takes, not a multiple of it.
    cases.add(new Case(Heads.WHOLE, 1, 150, 10));
    cases.add(new Case(Heads.WHOLE, 1, 600, 3));
    for (Heads kind : new Heads[] {Heads.OUT_OF, Heads.INTO}) {
      for (int heads : new int[] {1, 2, 4}) {
        cases.add(new Case(kind, heads, 8, 8));
        cases.add(new Case(kind, heads, 4, 12));
        cases.add(new Case(kind, heads, 280, 5));
      }
    }
    return cases.stream();
  }

  private static float[] numbers(long seed, int count) {
    return RandomNumbers.tensor(ElementType.FLOAT32, seed, count).floats();
  }

  /** Calls for each number of the weight that a number of the input meets, and where it goes. */
  private interface Meeting {
    void at(int input, int weight, int output);
  }

  private static void forEach(Case how, Meeting meeting) {
    int e = how.out / how.heads;
    for (int o = 0; o < how.out; o++) {
      int head = o / e;
      for (int i = 0; i < how.in; i++) {
        int narrow = o;
        int wide = how.kind == Heads.WHOLE ? i : head * how.in + i;
        meeting.at(
            how.kind == Heads.OUT_OF ? narrow : wide,
            o * how.in + i,
            how.kind == Heads.OUT_OF ? wide : narrow);
      }
    }
  }

  private static FusedProduct product(Case how, FloatWeight weight) {
    return how.kind == Heads.WHOLE
        ? FusedProduct.of(CAPACITY, weight)
        : FusedProduct.ofHeads(weight, how.kind, new FusedProduct.Size(CAPACITY, how.heads));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithPlainLoopsForwardAndBackward(Case how) {
    Tensor weight = RandomNumbers.tensor(ElementType.FLOAT32, 1, how.out, how.in);
    int wide = how.inputWidth();
    int tall = how.outputWidth();
    float[] x = numbers(2, CAPACITY * wide);
    float[] dy = numbers(3, CAPACITY * tall);
    try (FloatWeight copy = new FloatWeight(weight);
        FusedProduct product = product(how, copy)) {
      for (int rows : new int[] {CAPACITY, 1, 4}) {
        float[] y = new float[CAPACITY * tall];
        float[] dx = new float[CAPACITY * wide];
        int border = rows / 3; // Parts that different threads may take; 0 makes one empty.
        product.forward(x, y, 0, border);
        product.forward(x, y, border, rows);
        product.backward(dy, dx, 0, border);
        product.backward(dy, dx, border, rows);
        double[] expectedY = new double[CAPACITY * tall];
        double[] expectedDx = new double[CAPACITY * wide];
        double[] expectedDw = new double[how.out * how.in];
        float[] w = weight.floats();
        for (int row = 0; row < rows; row++) {
          int b = row;
          forEach(
              how,
              (i, at, o) -> {
                expectedY[b * tall + o] += x[b * wide + i] * w[at];
                expectedDx[b * wide + i] += dy[b * tall + o] * w[at];
                expectedDw[at] += x[b * wide + i] * dy[b * tall + o];
              });
        }
        assertClose(y, expectedY);
        assertClose(dx, expectedDx);
        assertClose(gradient(product, rows, how), expectedDw);
      }
    }
  }

  private static float[] gradient(FusedProduct product, int rows, Case how) {
    float[] gradient = new float[how.out * how.in];
    Arrays.fill(gradient, 55);
    List<Runnable> tasks = new ArrayList<>(product.gradientTasks(rows, gradient));
    Collections.shuffle(tasks, new Random(4));
    tasks.forEach(Runnable::run);
    return gradient;
  }

  private static void assertClose(float[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).as("number %s", i).isCloseTo(expected[i], within(2e-4));
    }
  }

  @Test
  void keepsAGradientThatNobodyTakesFurther() {
    Case how = new Case(Heads.WHOLE, 1, 6, 5);
    Tensor weight = RandomNumbers.tensor(ElementType.FLOAT32, 1, how.out, how.in);
    float[] x = numbers(2, CAPACITY * how.in);
    float[] dy = numbers(3, CAPACITY * how.out);
    try (FloatWeight copy = new FloatWeight(weight);
        FusedProduct back = product(how, copy);
        FusedProduct kept = product(how, copy)) {
      for (FusedProduct product : List.of(back, kept)) {
        product.forward(x, new float[CAPACITY * how.out], 0, CAPACITY);
      }
      back.backward(dy, new float[CAPACITY * how.in], 0, CAPACITY);
      kept.keep(dy, 0, 4);
      kept.keep(dy, 4, CAPACITY);
      assertThat(gradient(kept, CAPACITY, how)).isEqualTo(gradient(back, CAPACITY, how));
    }
  }

  @Test
  void seesAWeightThatChangedOnlyWhenItIsRefreshed() {
    Tensor weight = RandomNumbers.tensor(ElementType.FLOAT32, 1, 3, 4);
    try (FloatWeight copy = new FloatWeight(weight);
        FusedProduct product = FusedProduct.of(1, copy)) {
      float[] before = new float[3];
      float[] after = new float[3];
      product.forward(new float[] {1, 2, 3, 4}, before, 0, 1);
      weight.fill(1);
      product.forward(new float[] {1, 2, 3, 4}, after, 0, 1);
      assertThat(after).isEqualTo(before);
      copy.refresh();
      product.forward(new float[] {1, 2, 3, 4}, after, 0, 1);
      assertThat(after).containsExactly(10, 10, 10);
    }
  }

  @Test
  void refreshesLargeWeightsOnSeveralThreads() {
    Tensor weight = Tensor.zeros(ElementType.FLOAT32, 1025, 301);
    try (FloatWeight copy = new FloatWeight(weight)) {
      float[] numbers = numbers(5, weight.size());
      System.arraycopy(numbers, 0, weight.floats(), 0, numbers.length);
      copy.refresh();
      float[] found = new float[weight.size()];
      copy.matrix().get(0, found, 0, found.length);
      assertThat(Arrays.equals(found, numbers)).isTrue();
    }
  }

  @Test
  void addsABiasToSomeRowsAndSumsItsGradient() {
    float[] rows = {1, 2, 3, 4, 5, 6};
    FusedProduct.addToRows(new float[] {10, 20}, rows, 1, 3);
    assertThat(rows).containsExactly(1, 2, 13, 24, 15, 26);
    float[] sum = {9, 9};
    FusedProduct.sumRows(rows, 2, sum);
    assertThat(sum).containsExactly(14, 26);
  }
}
