package io.github.alphafuse.core.internal.npy;

/**
 * The element types of {@code .npy} arrays that are read and written: little-endian floating-point
 * and signed integer numbers of 32 and 64 bits.
 */
public enum NpyType {
  /** IEEE 754 single precision. */
  FLOAT32("<f4", Float.BYTES),
  /** IEEE 754 double precision. */
  FLOAT64("<f8", Double.BYTES),
  /** Signed 32-bit integers. */
  INT32("<i4", Integer.BYTES),
  /** Signed 64-bit integers. */
  INT64("<i8", Long.BYTES);

  private final String descriptor;
  private final int bytes;

  NpyType(String descriptor, int bytes) {
    this.descriptor = descriptor;
    this.bytes = bytes;
  }

  /**
   * The type as NumPy writes it into a header.
   *
   * @return for example {@code <f4}
   */
  public String descriptor() {
    return descriptor;
  }

  /**
   * The size of one number.
   *
   * @return 4 or 8 bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Whether the numbers are floating-point numbers, and so fit a tensor.
   *
   * @return false for integers
   */
  public boolean isFloatingPoint() {
    return this == FLOAT32 || this == FLOAT64;
  }
}
