package io.github.alphafuse.examples.web;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, such as {@code history=7&history=12&count=5}. */
final class QueryParameters implements Parameters {
  private final ImmutableListMultimap<String, String> values;

  private QueryParameters(ImmutableListMultimap<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a query.
   *
   * @param query as it was sent, without the question mark
   * @param names the names that it may have
   */
  static QueryParameters read(@Nullable String query, Set<String> names) {
    ImmutableListMultimap.Builder<String, String> values = ImmutableListMultimap.builder();
    for (String pair : Splitter.on('&').omitEmptyStrings().split(query == null ? "" : query)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!names.contains(name)) {
        throw RefusedException.badRequest(
            "unknown parameter "
                + Parameters.shown(name)
                + ", expected "
                + (names.isEmpty() ? "none" : String.join(", ", names)));
      }
      values.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
    }
    return new QueryParameters(values.build());
  }

  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int value = i + 2 < text.length() ? hex(text.charAt(i + 1), text.charAt(i + 2)) : -1;
        if (value < 0) {
          throw RefusedException.badRequest(
              "% in the query must be followed by two hexadecimal digits, found "
                  + Parameters.shown(text));
        }
        bytes.write(value);
        i += 2;
      } else if (c < 0x80) {
        bytes.write(c == '+' ? ' ' : c);
      } else {
        throw RefusedException.badRequest(
            "the query must be ASCII, with other characters as UTF-8 in the form %C3%A9");
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw RefusedException.badRequest("the query must be UTF-8, found " + Parameters.shown(text));
    }
  }

  private static int hex(char high, char low) {
    int first = high < 0x80 ? Character.digit(high, 16) : -1;
    int second = low < 0x80 ? Character.digit(low, 16) : -1;
    return first < 0 || second < 0 ? -1 : first * 16 + second;
  }

  @Override
  public boolean isGiven(String name) {
    return values.containsKey(name);
  }

  @Override
  public ImmutableList<String> texts(String name) {
    return values.get(name);
  }

  @Override
  public Optional<String> text(String name) {
    ImmutableList<String> found = values.get(name);
    if (found.size() > 1) {
      throw RefusedException.badRequest(
          name + " must be given once, found " + found.size() + " values");
    }
    return found.stream().findFirst();
  }

  @Override
  public Optional<Boolean> flag(String name) {
    return text(name)
        .map(
            value ->
                switch (value) {
                  case "true" -> true;
                  case "false" -> false;
                  default ->
                      throw RefusedException.badRequest(
                          name + " must be true or false, found " + Parameters.shown(value));
                });
  }

  @Override
  public Optional<Double> number(String name) {
    return text(name)
        .map(
            value -> {
              double number = value.matches("[-+0-9.eE]{1,40}") ? parse(value) : Double.NaN;
              if (!Double.isFinite(number)) {
                throw RefusedException.badRequest(
                    name + " must be a number, found " + Parameters.shown(value));
              }
              return number;
            });
  }

  private static double parse(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  @Override
  public int count(String name, int otherwise) {
    return text(name)
        .map(
            value -> {
              int count = value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : 0;
              if (count < 1 || count > MOST_ITEMS) {
                throw RefusedException.badRequest(
                    name + Parameters.wholeNumber() + Parameters.shown(value));
              }
              return count;
            })
        .orElse(otherwise);
  }
}
