package io.github.alphafuse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.alphafuse.core.fixture.RandomNumbers;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class TensorTest {

  private static INDArray base(ElementType type) {
    return RandomNumbers.tensor(type, 1, 3, 4, 5).toNd4j();
  }

  static Stream<Arguments> arrays() {
    return Stream.of(ElementType.FLOAT32, ElementType.FLOAT64)
        .flatMap(
            type ->
                Stream.of(
                    Arguments.of(type, "itself", base(type)),
                    Arguments.of(type, "permuted 0 2 1", base(type).permute(0, 2, 1)),
                    Arguments.of(type, "permuted 2 0 1", base(type).permute(2, 0, 1)),
                    Arguments.of(type, "fortran order", base(type).dup('f')),
                    Arguments.of(
                        type, "transposed", base(type).reshape('c', 12, 5).dup().transpose()),
                    Arguments.of(
                        type,
                        "leading rows",
                        base(type).get(NDArrayIndex.interval(0, 2), NDArrayIndex.all())),
                    Arguments.of(
                        type,
                        "later rows",
                        base(type).get(NDArrayIndex.interval(1, 3), NDArrayIndex.all())),
                    Arguments.of(
                        type,
                        "inner columns",
                        base(type)
                            .get(
                                NDArrayIndex.all(),
                                NDArrayIndex.interval(1, 3),
                                NDArrayIndex.interval(0, 5, 2))),
                    Arguments.of(
                        type,
                        "a point",
                        base(type)
                            .get(NDArrayIndex.all(), NDArrayIndex.point(2), NDArrayIndex.all())),
                    Arguments.of(
                        type,
                        "broadcast",
                        Nd4j.create(new double[] {1, 2, 3})
                            .castTo(Tensor.nd4jType(type))
                            .reshape(3, 1)
                            .broadcast(3, 4)),
                    Arguments.of(
                        type, "one row transposed", base(type).reshape(60, 1).dup().transpose()),
                    Arguments.of(type, "a scalar", Nd4j.scalar(Tensor.nd4jType(type), 2.5))));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("arrays")
  void copiesAnArrayOfAnyLayout(ElementType type, String name, INDArray array) {
    Tensor copy = Tensor.copyOf(array);
    assertThat(copy.elementType()).isEqualTo(type);
    assertThat(copy.rank()).isEqualTo(array.rank());
    int[] at = new int[array.rank()];
    for (int i = 0; i < copy.size(); i++) {
      int rest = i;
      for (int axis = at.length - 1; axis >= 0; axis--) {
        at[axis] = rest % copy.shape(axis);
        rest /= copy.shape(axis);
      }
      assertThat(copy.get(i)).isEqualTo(at.length == 0 ? array.getDouble(0) : array.getDouble(at));
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesToNd4jAndBack(ElementType type) {
    for (int[] shape : new int[][] {{}, {1}, {7}, {1, 1}, {1, 5}, {5, 1}, {2, 3}, {2, 1, 3, 2}}) {
      Tensor tensor = RandomNumbers.tensor(type, 3, shape);
      try (INDArray array = tensor.toNd4j()) {
        Tensor back = Tensor.copyOf(array);
        assertThat(back.shape()).containsExactly(shape);
        assertThat(back.to(ElementType.FLOAT64).doubles())
            .containsExactly(tensor.to(ElementType.FLOAT64).doubles());
      }
    }
  }

  @Test
  void sharesAndCopiesAsItSays() {
    float[] values = {1, 2, 3, 4, 5, 6};
    Tensor tensor = Tensor.of(values, 2, 3);
    values[4] = 50;
    assertThat(tensor.get(4)).isEqualTo(50);
    assertThat(tensor.reshape(3, 2).floats()).isSameAs(values);
    assertThat(tensor.to(ElementType.FLOAT32)).isSameAs(tensor);
    assertThat(tensor.to(ElementType.FLOAT64).doubles()).containsExactly(1, 2, 3, 4, 50, 6);
    assertThat(tensor.firstRows(1).floats()).containsExactly(1, 2, 3);
    Tensor copy = tensor.copy();
    copy.set(0, -1);
    assertThat(tensor.get(0)).isEqualTo(1);
    tensor.shape()[0] = 9;
    assertThat(tensor.shape(0)).isEqualTo(2);
    assertThat(tensor).hasToString("FLOAT32[2, 3]");
  }

  @Test
  void findsTheFirstNumberThatIsNotFinite() {
    Tensor tensor = Tensor.of(new double[] {1, 2, Double.NEGATIVE_INFINITY, Double.NaN}, 2, 2);
    assertThat(tensor.firstNonFinite()).isEqualTo(2);
    assertThat(Tensor.of(new float[] {1, Float.NaN}, 2).firstNonFinite()).isEqualTo(1);
    assertThat(Tensor.zeros(ElementType.FLOAT32, 0, 3).firstNonFinite()).isEqualTo(-1);
  }

  @Test
  void rejectsWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.of(new float[5], 2, 3))
        .withMessage("shape [2, 3] holds 6 numbers, but the array has 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.zeros(ElementType.FLOAT32, 2, -1))
        .withMessageContaining("negative axis");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.zeros(ElementType.FLOAT32, 1 << 16, 1 << 16))
        .withMessageContaining("more than 2147483647 numbers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.copyOf(Nd4j.createFromArray(true, false)))
        .withMessage("array must be of type FLOAT or DOUBLE, found BOOL");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.zeros(ElementType.FLOAT32, 2).firstRows(3))
        .withMessageContaining("no first 3 rows");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Tensor.zeros(ElementType.FLOAT32, 2)
                    .copyFrom(Tensor.zeros(ElementType.FLOAT32, 1, 2)))
        .withMessageContaining("[1, 2] into one of shape [2]");
    assertThatIllegalStateException()
        .isThrownBy(() -> Tensor.zeros(ElementType.FLOAT32, 2).doubles());
    assertThatIllegalStateException()
        .isThrownBy(() -> Tensor.zeros(ElementType.FLOAT64, 2).floats());
  }

  @ParameterizedTest
  @EnumSource
  void findsTheFirstNumberThatIsNotFiniteInLargeArrays(ElementType type) {
    int size = 3 * (1 << 18) + 37;
    Tensor tensor = Tensor.zeros(type, size);
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < size; i += 13) {
      tensor.set(i, random.nextGaussian());
    }
    tensor.set(1, Float.MAX_VALUE);
    tensor.set(2, -Float.MAX_VALUE);
    tensor.set(3, -0.0);
    tensor.set(4, Float.MIN_VALUE);
    assertThat(tensor.firstNonFinite()).isEqualTo(-1);
    double[] kinds = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    int[] ends = {0, size - 1, size - 37, size / 2, size / 2 - 1, size / 3, 1 << 16, 511, 512};
    for (int round = 0; round < 60; round++) {
      int first = round < ends.length ? ends[round] : random.nextInt(size);
      double kept = tensor.get(first);
      tensor.set(first, kinds[round % 3]);
      assertThat(tensor.firstNonFinite()).isEqualTo(first);
      // Others behind it, in the parts of other threads too, are not the first.
      int second = first + random.nextInt(size - first);
      double keptToo = tensor.get(second);
      tensor.set(second, kinds[(round + 1) % 3]);
      assertThat(tensor.firstNonFinite()).isEqualTo(first);
      if (second != first) {
        tensor.set(second, keptToo);
      }
      tensor.set(first, kept);
    }
    assertThat(tensor.firstNonFinite()).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void fillsARow(ElementType type) {
    Tensor tensor = Tensor.zeros(type, 4, 3);
    tensor.fillRow(0, 1);
    tensor.fillRow(2, -2.5);
    tensor.fillRow(3, 4);
    tensor.fillRow(3, 0);
    assertThat(tensor.to(ElementType.FLOAT64).doubles())
        .containsExactly(1, 1, 1, 0, 0, 0, -2.5, -2.5, -2.5, 0, 0, 0);
  }

  @ParameterizedTest
  @EnumSource
  void fillsLargeArrays(ElementType type) {
    Tensor tensor = Tensor.zeros(type, 5 * (1 << 18) + 3);
    tensor.fill(2.5);
    for (int i = 0; i < tensor.size(); i++) {
      if (tensor.get(i) != 2.5) {
        throw new AssertionError("number " + i + " is " + tensor.get(i));
      }
    }
  }
}
