package io.github.alphafuse.core;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.math.IntMath;
import io.github.alphafuse.core.internal.Workers;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense row-major array of float32 or float64 numbers with a fixed shape, on the Java heap.
 *
 * <p>Weights, gradients and item tables are held in tensors. A tensor needs no ND4J backend, can be
 * written to a file as it is, and gives access to its storage without a copy. The shape is
 * immutable, the numbers are not.
 *
 * <p>Not thread-safe for writing; any number of threads may read while none writes.
 */
public final class Tensor {
  private static final int BLOCK = 1 << 16;

  /** The fewest numbers per thread. */
  private static final int LEAST = 1 << 18;

  private static final int LANES = 512;

  private final int[] shape;
  private final int size;
  private final float @Nullable [] floats;
  private final double @Nullable [] doubles;

  private Tensor(int[] shape, float @Nullable [] floats, double @Nullable [] doubles) {
    this.shape = shape;
    this.size = sizeOf(shape);
    this.floats = floats;
    this.doubles = doubles;
    int length = floats != null ? floats.length : doubles != null ? doubles.length : -1;
    checkArgument(
        length == size,
        "shape %s holds %s numbers, but the array has %s",
        Arrays.toString(shape),
        size,
        length);
  }

  /**
   * A float32 tensor over an array, which is not copied.
   *
   * @param values the numbers, row by row; later changes to the array are changes to the tensor
   * @param shape the length of each axis; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the shape does not fit the array's length
   */
  public static Tensor of(float[] values, int... shape) {
    return new Tensor(shape.clone(), values, null);
  }

  /**
   * A float64 tensor over an array, which is not copied.
   *
   * @param values the numbers, row by row; later changes to the array are changes to the tensor
   * @param shape the length of each axis; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the shape does not fit the array's length
   */
  public static Tensor of(double[] values, int... shape) {
    return new Tensor(shape.clone(), null, values);
  }

  /**
   * A tensor of zeros.
   *
   * @param type {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
   * @param shape the length of each axis; none for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the shape holds more than 2^31-1 numbers
   */
  public static Tensor zeros(ElementType type, int... shape) {
    int size = sizeOf(shape);
    return type == ElementType.FLOAT32 ? of(new float[size], shape) : of(new double[size], shape);
  }

  /**
   * A copy of an ND4J array in its own data type.
   *
   * @param array a FLOAT or DOUBLE array of any shape; not closed
   * @return the tensor
   * @throws IllegalArgumentException if the array has another data type
   */
  public static Tensor copyOf(INDArray array) {
    ElementType type = typeOf(array);
    int[] shape = new int[array.rank()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = Math.toIntExact(array.size(axis));
    }
    INDArray flat = isRowMajor(array) ? array : array.dup('c');
    Tensor copy = zeros(type, shape);
    if (copy.size > 0) {
      if (copy.floats != null) {
        flat.data().asNioFloat().get(copy.floats);
      } else {
        flat.data().asNioDouble().get(copy.doubles());
      }
    }
    if (flat != array) {
      flat.close();
    }
    return copy;
  }

  private static ElementType typeOf(INDArray array) {
    for (ElementType type : ElementType.values()) {
      if (nd4jType(type) == array.dataType()) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "array must be of type FLOAT or DOUBLE, found " + array.dataType());
  }

  /** Whether an array's numbers lie one after another; ordering and isView miss permuted axes. */
  private static boolean isRowMajor(INDArray array) {
    return !array.isView()
        && (array.rank() == 0
            || array.length() == 0
            || Arrays.equals(array.stride(), Nd4j.getStrides(array.shape(), 'c')));
  }

  private static int sizeOf(int[] shape) {
    int size = 1;
    for (int length : shape) {
      checkArgument(length >= 0, "shape %s has a negative axis", (Object) Arrays.toString(shape));
      try {
        size = IntMath.checkedMultiply(size, length);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " holds more than 2147483647 numbers", e);
      }
    }
    return size;
  }

  /**
   * The type of the numbers.
   *
   * @return {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
   */
  public ElementType elementType() {
    return floats != null ? ElementType.FLOAT32 : ElementType.FLOAT64;
  }

  /**
   * The length of each axis.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * The length of one axis.
   *
   * @param axis the axis, from 0
   * @return its length
   * @throws IndexOutOfBoundsException if there is no such axis
   */
  public int shape(int axis) {
    return shape[axis];
  }

  /**
   * The number of axes.
   *
   * @return 0 for a scalar
   */
  public int rank() {
    return shape.length;
  }

  /**
   * The number of numbers.
   *
   * @return the product of the shape
   */
  public int size() {
    return size;
  }

  /**
   * The storage of a float32 tensor, not a copy.
   *
   * @return the live array, row by row
   * @throws IllegalStateException if this is a float64 tensor
   */
  public float[] floats() {
    checkState(floats != null, "a FLOAT64 tensor has no float storage");
    return floats;
  }

  /**
   * The storage of a float64 tensor, not a copy.
   *
   * @return the live array, row by row
   * @throws IllegalStateException if this is a float32 tensor
   */
  public double[] doubles() {
    checkState(doubles != null, "a FLOAT32 tensor has no double storage");
    return doubles;
  }

  /**
   * One number.
   *
   * @param index its row-major index
   * @return the number, widened to double
   */
  public double get(int index) {
    return floats != null ? floats[index] : doubles()[index];
  }

  /**
   * Sets one number.
   *
   * @param index its row-major index
   * @param value the number, rounded to the tensor's type
   */
  public void set(int index, double value) {
    if (floats != null) {
      floats[index] = (float) value;
    } else {
      doubles()[index] = value;
    }
  }

  /**
   * Sets every number.
   *
   * @param value the number
   */
  public void fill(double value) {
    if (floats != null) {
      float[] values = floats;
      Workers.split(size, LEAST, (from, to) -> Arrays.fill(values, from, to, (float) value));
    } else {
      Arrays.fill(doubles(), value);
    }
  }

  /**
   * Sets every number of a row of a matrix.
   *
   * @param row the index of the row
   * @param value the number
   */
  public void fillRow(int row, double value) {
    int width = shape(1);
    if (floats != null) {
      Arrays.fill(floats, row * width, (row + 1) * width, (float) value);
    } else {
      Arrays.fill(doubles(), row * width, (row + 1) * width, value);
    }
  }

  /**
   * A copy with storage of its own.
   *
   * @return the copy
   */
  public Tensor copy() {
    return floats != null ? of(floats.clone(), shape) : of(doubles().clone(), shape);
  }

  /**
   * The same numbers in another type.
   *
   * @param type {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
   * @return this tensor if it has that type already, else a converted copy
   */
  public Tensor to(ElementType type) {
    if (type == elementType()) {
      return this;
    }
    Tensor converted = zeros(type, shape);
    converted.copyFrom(this);
    return converted;
  }

  /**
   * The same storage under another shape.
   *
   * @param newShape a shape of the same size
   * @return a tensor that shares its numbers with this one
   * @throws IllegalArgumentException if the size differs
   */
  public Tensor reshape(int... newShape) {
    return new Tensor(newShape.clone(), floats, doubles);
  }

  /**
   * The first rows, along the first axis.
   *
   * @param count the number of rows, at most the length of the first axis
   * @return a copy of shape [count, ...]
   * @throws IllegalArgumentException if this is a scalar or has fewer rows
   */
  public Tensor firstRows(int count) {
    checkArgument(
        shape.length > 0 && count >= 0 && count <= shape[0],
        "a tensor of shape %s has no first %s rows",
        Arrays.toString(shape),
        count);
    int[] cut = shape.clone();
    cut[0] = count;
    int length = sizeOf(cut);
    return floats != null
        ? of(Arrays.copyOf(floats, length), cut)
        : of(Arrays.copyOf(doubles(), length), cut);
  }

  /**
   * These rows with others behind them, along the first axis.
   *
   * @param rows a tensor of the same type, whose shape differs in the first axis alone
   * @return a copy of both
   * @throws IllegalArgumentException if the type or the shape does not fit, or both together hold
   *     more than 2^31-1 numbers
   */
  public Tensor append(Tensor rows) {
    int[] all = shape.clone();
    boolean fits = shape.length > 0 && rows.shape.length == shape.length;
    if (fits) {
      all[0] = rows.shape[0];
      fits = Arrays.equals(all, rows.shape) && rows.elementType() == elementType();
    }
    checkArgument(fits, "rows of %s cannot stand behind those of %s", rows, this);
    all[0] = Math.addExact(shape[0], rows.shape[0]);
    Tensor both = zeros(elementType(), all);
    System.arraycopy(storage(), 0, both.storage(), 0, size);
    System.arraycopy(rows.storage(), 0, both.storage(), size, rows.size);
    return both;
  }

  private Object storage() {
    return floats != null ? floats : doubles();
  }

  /**
   * Overwrites every number with those of another tensor.
   *
   * @param other a tensor of the same shape, of either type
   * @throws IllegalArgumentException if the shapes differ
   */
  public void copyFrom(Tensor other) {
    checkArgument(
        Arrays.equals(shape, other.shape),
        "cannot copy a tensor of shape %s into one of shape %s",
        Arrays.toString(other.shape),
        Arrays.toString(shape));
    if (floats != null && other.floats != null) {
      System.arraycopy(other.floats, 0, floats, 0, size);
    } else if (doubles != null && other.doubles != null) {
      System.arraycopy(other.doubles, 0, doubles, 0, size);
    } else {
      for (int i = 0; i < size; i++) {
        set(i, other.get(i));
      }
    }
  }

  /**
   * The index of the first NaN or infinite number.
   *
   * @return its row-major index, or -1 if all numbers are finite
   */
  public int firstNonFinite() {
    AtomicInteger first = new AtomicInteger(size);
    Workers.split(
        size, LEAST, (from, to) -> first.accumulateAndGet(firstNonFinite(from, to), Math::min));
    return first.get() == size ? -1 : first.get();
  }

  private int firstNonFinite(int start, int end) {
    for (int from = start; from < end; from += BLOCK) {
      int to = Math.min(end, from + BLOCK);
      if (floats == null || !isFinite(floats, from, to)) {
        for (int i = from; i < to; i++) {
          if (!Double.isFinite(get(i))) {
            return i;
          }
        }
      }
    }
    return size;
  }

  /** Whether all numbers are finite, without a branch for each: 0 x is NaN where one is not. */
  private static boolean isFinite(float[] values, int from, int to) {
    float[] zeros = new float[LANES];
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      for (int j = 0; j < LANES; j++) {
        zeros[j] += 0 * values[i + j];
      }
    }
    float sum = 0;
    for (; i < to; i++) {
      sum += 0 * values[i];
    }
    for (float zero : zeros) {
      sum += zero;
    }
    return sum == 0;
  }

  /**
   * A copy as an ND4J array of the same type and shape; needs a backend on the classpath.
   *
   * @return the array, to be closed by the caller
   */
  public INDArray toNd4j() {
    long[] longShape = Arrays.stream(shape).asLongStream().toArray();
    return floats != null
        ? Nd4j.create(floats, longShape, Nd4j.getStrides(longShape, 'c'), 'c', DataType.FLOAT)
        : Nd4j.create(doubles(), longShape, Nd4j.getStrides(longShape, 'c'), 'c', DataType.DOUBLE);
  }

  /**
   * ND4J's name of an element type, for the placeholders of a graph.
   *
   * @param type the type
   * @return FLOAT for {@link ElementType#FLOAT32}, DOUBLE for {@link ElementType#FLOAT64}
   */
  public static DataType nd4jType(ElementType type) {
    return type == ElementType.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
  }

  /**
   * A short description: type and shape.
   *
   * @return for example {@code FLOAT32[3, 4]}
   */
  @Override
  public String toString() {
    return elementType() + Arrays.toString(shape);
  }
}
