package io.github.alphafuse.core.internal.npy;

/**
 * The element types of {@code .npy} arrays: little-endian floating-point and signed integer numbers
 * of 32 and 64 bits, which are read and written, and floating-point numbers of 16 bits, which are
 * read as float32.
 */
public enum NpyType {
  /** IEEE 754 single precision. */
  FLOAT32("<f4", Float.BYTES),
  /** IEEE 754 double precision. */
  FLOAT64("<f8", Double.BYTES),
  /** Signed 32-bit integers. */
  INT32("<i4", Integer.BYTES),
  /** Signed 64-bit integers. */
  INT64("<i8", Long.BYTES),
  /** IEEE 754 half precision. */
  FLOAT16("<f2", Short.BYTES),
  /** The upper half of a float32. NumPy, which has no such type, writes two bytes of any kind. */
  BFLOAT16("|V2", Short.BYTES);

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
   * @return 2, 4 or 8 bytes
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
    return this != INT32 && this != INT64;
  }

  /**
   * The type as which the numbers are held.
   *
   * @return {@link #FLOAT32} for the types of 16 bits, else this type
   */
  public NpyType heldAs() {
    return bytes == Short.BYTES ? FLOAT32 : this;
  }

  /**
   * Widens a number of 16 bits.
   *
   * @param bits the bits of a number of this type
   * @return the number, exactly
   * @throws IllegalStateException if this type has another size
   */
  public float widen(short bits) {
    return switch (this) {
      case FLOAT16 -> widenHalf(bits);
      case BFLOAT16 -> Float.intBitsToFloat(bits << 16);
      default -> throw new IllegalStateException(this + " is not of 16 bits");
    };
  }

  // Float.float16ToFloat came with Java 20.
  private static float widenHalf(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int widened = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
  }
}
