package io.github.alphafuse.core;

/** The type of a tensor's numbers. */
public enum ElementType {
  /** IEEE 754 single precision, 4 bytes per number. */
  FLOAT32(Float.BYTES),
  /** IEEE 754 double precision, 8 bytes per number. */
  FLOAT64(Double.BYTES);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * The size of one number.
   *
   * @return 4 or 8 bytes
   */
  public int bytes() {
    return bytes;
  }
}
