package io.github.alphafuse.examples.option;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts a name to one of several values, ignoring case, dashes and underscores.
 *
 * @param <T> the type of the values
 */
public final class Choices<T> implements ITypeConverter<T> {
  private final List<T> values;

  @SafeVarargs
  @SuppressWarnings("varargs")
  Choices(T... values) {
    this.values = List.copyOf(Arrays.asList(values));
  }

  @Override
  public T convert(String name) {
    return values.stream()
        .filter(value -> key(value.toString()).equals(key(name)))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected one of " + values + ", found '" + name + "'"));
  }

  /**
   * Returns the part of a name that is compared.
   *
   * @param name a name
   * @return the name in lower case, without dashes and underscores
   */
  public static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
