package io.github.alphafuse.examples.option;

import java.math.BigDecimal;
import java.util.function.DoublePredicate;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters of numbers, which check their range. */
public final class Numbers {
  private Numbers() {}

  /**
   * Formats a number as one writes it by hand.
   *
   * @param value a finite number
   * @return all its digits, without an exponent
   */
  public static String plain(double value) {
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  private static double number(String text, String expected, DoublePredicate allowed) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!Double.isFinite(value) || !allowed.test(value)) {
      throw new TypeConversionException("expected " + expected + ", found '" + text + "'");
    }
    return value;
  }

  private static int whole(String text, int least) {
    return (int)
        number(
            text,
            "a whole number of at least " + least,
            x -> x >= least && x <= Integer.MAX_VALUE && x == Math.rint(x));
  }

  /** A whole number of at least 1. */
  public record Count() implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return whole(text, 1);
    }
  }

  /** A whole number of at least 0. */
  record CountOrZero() implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return whole(text, 0);
    }
  }

  /** A number above 0. */
  public record Positive() implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number above 0", x -> x > 0);
    }
  }

  /** A number. */
  record Finite() implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number", x -> true);
    }
  }

  /** A number of at least 0. */
  record NotNegative() implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number of at least 0", x -> x >= 0);
    }
  }

  /** A number in (0, 1). */
  public record Share() implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number in (0, 1)", x -> x > 0 && x < 1);
    }
  }

  /** A number in [0, 1). */
  record Probability() implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, "a number in [0, 1)", x -> x >= 0 && x < 1);
    }
  }
}
