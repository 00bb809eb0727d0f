package io.github.alphafuse.benchmarks;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number from 1. */
final class Count implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      value = 0;
    }
    if (value < 1) {
      throw new TypeConversionException(
          "expected a whole number of at least 1, found '" + text + "'");
    }
    return value;
  }
}
