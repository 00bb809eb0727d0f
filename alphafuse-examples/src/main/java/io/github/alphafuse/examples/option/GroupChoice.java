package io.github.alphafuse.examples.option;

import com.google.common.base.Splitter;
import io.github.alphafuse.backbones.data.DatasetSplit;
import io.github.alphafuse.backbones.evaluate.Groups;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One way of dividing test examples: {@code users:9}, {@code items:20%}, {@code cold-users}, {@code
 * cold-items}.
 *
 * @param kind whether users or items are divided, and how
 * @param cut the smallest history length or number of interactions in the head, or the share of the
 *     head; 0 for cold-start groups
 */
record GroupChoice(Kind kind, double cut) {
  /** The ways of dividing. */
  enum Kind {
    USERS_BY_NUMBER,
    USERS_BY_SHARE,
    ITEMS_BY_NUMBER,
    ITEMS_BY_SHARE,
    COLD_USERS,
    COLD_ITEMS
  }

  Groups groups(DatasetSplit split) {
    return switch (kind) {
      case USERS_BY_NUMBER -> Groups.byHistoryLength().threshold((long) cut);
      case USERS_BY_SHARE -> Groups.byHistoryLength().headShare(cut);
      case ITEMS_BY_NUMBER -> Groups.byItemPopularity(split.train()).threshold((long) cut);
      case ITEMS_BY_SHARE -> Groups.byItemPopularity(split.train()).headShare(cut);
      case COLD_USERS -> Groups.coldStartUsers(split.train());
      case COLD_ITEMS -> Groups.coldStartItems(split.train());
    };
  }

  /** Returns the choice as written on the command line. */
  @Override
  public String toString() {
    String number = Long.toString((long) cut);
    String percent = Double.toString(100 * cut) + "%";
    return switch (kind) {
      case USERS_BY_NUMBER -> "users:" + number;
      case USERS_BY_SHARE -> "users:" + percent;
      case ITEMS_BY_NUMBER -> "items:" + number;
      case ITEMS_BY_SHARE -> "items:" + percent;
      case COLD_USERS -> "cold-users";
      case COLD_ITEMS -> "cold-items";
    };
  }

  /** Converts the text of one choice. */
  static final class Converter implements ITypeConverter<GroupChoice> {
    @Override
    public GroupChoice convert(String text) {
      String name = text.strip().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals("cold-users")) {
        return new GroupChoice(Kind.COLD_USERS, 0);
      }
      if (name.equals("cold-items")) {
        return new GroupChoice(Kind.COLD_ITEMS, 0);
      }
      List<String> parts = Splitter.on(':').splitToList(name);
      boolean users = parts.get(0).equals("users");
      if (parts.size() == 2 && (users || parts.get(0).equals("items"))) {
        String cut = parts.get(1);
        if (!cut.endsWith("%")) {
          return new GroupChoice(
              users ? Kind.USERS_BY_NUMBER : Kind.ITEMS_BY_NUMBER,
              new Numbers.Count().convert(cut));
        }
        double percent = new Numbers.Positive().convert(cut.substring(0, cut.length() - 1));
        if (percent < 100) {
          return new GroupChoice(users ? Kind.USERS_BY_SHARE : Kind.ITEMS_BY_SHARE, percent / 100);
        }
      }
      throw new TypeConversionException(
          "expected users:N, items:N, users:P%, items:P%, cold-users or cold-items, found '"
              + text
              + "'");
    }
  }
}
