package io.github.alphafuse.backbones.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.github.alphafuse.core.internal.AtomicFile;
import io.github.alphafuse.core.language.LanguageEmbeddings;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.RandomAccess;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A bijection between the items' own ids, which are strings, and the rows 0 to N-1 of the item
 * table.
 *
 * <p>An id is not blank, has no space at either end, no line break and no half of a surrogate pair.
 * If every id is the decimal number of its row, no string is stored. Immutable and thread-safe.
 */
public final class ItemVocabulary {
  private final int size;
  private final @Nullable ImmutableList<String> ids;
  private final @Nullable Map<String, Integer> rows;

  private ItemVocabulary(
      int size, @Nullable ImmutableList<String> ids, @Nullable Map<String, Integer> rows) {
    this.size = size;
    this.ids = ids;
    this.rows = rows;
  }

  /**
   * The vocabulary whose ids are the row numbers, {@code "0"} to {@code "N-1"}.
   *
   * @param itemCount the number of items N, at least 1
   * @return the vocabulary
   * @throws IllegalArgumentException if the count is less than 1
   */
  public static ItemVocabulary ofRows(int itemCount) {
    checkArgument(itemCount >= 1, "itemCount must be at least 1, found %s", itemCount);
    return new ItemVocabulary(itemCount, null, null);
  }

  /**
   * The vocabulary of a list of ids.
   *
   * @param ids the id of every row in row order: at least one, all different
   * @return the vocabulary
   * @throws IllegalArgumentException if there is none, one is blank, has a space at an end, a line
   *     break or half of a surrogate pair, or two rows have the same id
   */
  public static ItemVocabulary of(List<String> ids) {
    checkArgument(!ids.isEmpty(), "ids must hold at least one item, found none");
    return index(ids, row -> "row " + row);
  }

  /**
   * Reads a vocabulary from a UTF-8 text file whose line i, counted from 0, is the id of row i.
   *
   * <p>Spaces around an id, a byte order mark, CRLF and blank lines at the end are ignored.
   *
   * @param file the file, customarily {@code item_ids.txt}
   * @return the vocabulary
   * @throws IllegalArgumentException if the file is empty, a line is blank or not UTF-8, or two
   *     lines hold the same id
   * @throws UncheckedIOException if the file cannot be read
   */
  public static ItemVocabulary read(Path file) {
    return read(file, ReadingLimits.DEFAULT);
  }

  /** Reads a vocabulary, as {@link #read(Path)}, with limits. */
  static ItemVocabulary read(Path file, ReadingLimits limits) {
    ImmutableList.Builder<String> ids = ImmutableList.builder();
    try (LineReader lines = new LineReader(file, limits, "one item id per line")) {
      while (lines.next()) {
        ids.add(lines.text().strip());
      }
    }
    return index(ids.build(), row -> new Place(file, row + 1L).toString());
  }

  private static ItemVocabulary index(List<String> ids, IntFunction<String> placeOfRow) {
    Map<String, Integer> rows = Maps.newHashMapWithExpectedSize(ids.size());
    boolean rowNumbers = true;
    int row = 0;
    for (String id : ids) {
      if (!isWellFormed(id)) {
        throw new IllegalArgumentException(
            Strings.lenientFormat(
                "%s: expected an item id without a line break, half of a surrogate pair or spaces around"
                    + " it, found \"%s\"",
                placeOfRow.apply(row), StorableText.escape(id)));
      }
      Integer first = rows.putIfAbsent(id, row);
      if (first != null) {
        throw new IllegalArgumentException(
            Strings.lenientFormat(
                "%s: expected an id of its own for every item, found \"%s\", which is also the id"
                    + " of %s",
                placeOfRow.apply(row), id, placeOfRow.apply(first)));
      }
      rowNumbers &= rowNumber(id) == row;
      row++;
    }
    return rowNumbers ? ofRows(row) : new ItemVocabulary(row, ImmutableList.copyOf(ids), rows);
  }

  private static boolean isWellFormed(String id) {
    return !id.isBlank() && id.equals(id.strip()) && StorableText.isStorable(id);
  }

  /** The number whose canonical decimal form an id is, or -1. */
  static int rowNumber(String id) {
    int length = id.length();
    if (length == 0 || length > 10 || (length > 1 && id.charAt(0) == '0')) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      char digit = id.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = number * 10 + (digit - '0');
    }
    return number > Integer.MAX_VALUE ? -1 : (int) number;
  }

  /**
   * The digest of the ids in row order, by which vocabularies are recognised.
   *
   * @return {@code sha256:} and 64 hexadecimal digits
   */
  public String digest() {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(size);
    for (int row = 0; row < size; row++) {
      byte[] id = id(row).getBytes(StandardCharsets.UTF_8);
      hasher.putInt(id.length).putBytes(id);
    }
    return "sha256:" + hasher.hash();
  }

  /**
   * Writes one id per line in row order as UTF-8, for {@link #read(Path)}.
   *
   * @param file the file to write; replaced if it exists
   * @throws IllegalArgumentException if the file is a directory, device or pipe
   * @throws UncheckedIOException if the file cannot be written; an existing one is unchanged
   */
  public void write(Path file) {
    AtomicFile.write(
        file,
        out -> {
          // An encoder of its own refuses what is not valid Unicode.
          Writer writer =
              new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8.newEncoder()));
          for (String id : ids()) {
            writer.write(id);
            writer.write('\n');
          }
          writer.flush();
        });
  }

  /**
   * The number of items N.
   *
   * @return at least 1
   */
  public int size() {
    return size;
  }

  /**
   * The id of a row.
   *
   * @param row the row, 0 to N-1
   * @return its id
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public String id(int row) {
    checkElementIndex(row, size, "row");
    return ids == null ? Integer.toString(row) : ids.get(row);
  }

  /**
   * The row of an id that must be known.
   *
   * @param id the item's own id
   * @return its row, 0 to N-1
   * @throws IllegalArgumentException if no item has this id
   */
  public int row(String id) {
    int row = rowOrAbsent(id);
    checkArgument(row >= 0, "item \"%s\" is not one of the %s items of the catalogue", id, size);
    return row;
  }

  /**
   * The row of an id that may be unknown.
   *
   * @param id the item's own id
   * @return its row, or empty if no item has this id
   */
  public OptionalInt find(String id) {
    int row = rowOrAbsent(id);
    return row < 0 ? OptionalInt.empty() : OptionalInt.of(row);
  }

  /** The row of an id, or -1 if no item has it. */
  int rowOrAbsent(String id) {
    if (rows == null) {
      int row = rowNumber(id);
      return row < size ? row : -1;
    }
    Integer row = rows.get(id);
    return row == null ? -1 : row;
  }

  /**
   * Whether every id is the decimal number of its row.
   *
   * @return true for {@link #ofRows(int)} and lists equal to it
   */
  public boolean isRowNumbers() {
    return ids == null;
  }

  /**
   * All ids in row order.
   *
   * @return an unmodifiable list of N ids with fast random access
   */
  public List<String> ids() {
    return ids == null ? new RowNumbers(size) : ids;
  }

  /**
   * The vocabulary that has new items behind those of this one.
   *
   * @param newIds the ids of the M new items, at least one, in row order
   * @param text [M, d_l] their language rows
   * @return the ids of all items
   * @throws IllegalArgumentException if there is none, there are more of one than of the other, an
   *     id is known already or occurs twice, or as in {@link #of(List)}
   */
  public ItemVocabulary withNewItems(List<String> newIds, LanguageEmbeddings text) {
    checkArgument(!newIds.isEmpty(), "ids must name at least one new item, found none");
    checkArgument(
        newIds.size() == text.itemCount(),
        "text must have a row for each of %s new items, found %s",
        newIds.size(),
        text.itemCount());
    for (String id : newIds) {
      checkArgument(
          rowOrAbsent(id) < 0,
          "ids must be new, found \"%s\", which is one of the %s items of the catalogue",
          id,
          size);
    }
    text.ids().ifPresent(named -> of(newIds).requireSame("new items", "text", of(named)));
    return of(
        ImmutableList.<String>builderWithExpectedSize(size + newIds.size())
            .addAll(ids())
            .addAll(newIds)
            .build());
  }

  /**
   * The first row whose ids differ in two vocabularies.
   *
   * @param other the other vocabulary
   * @return the row, the smaller size if one vocabulary is the beginning of the other, or empty if
   *     they are equal
   */
  public OptionalInt firstDifference(ItemVocabulary other) {
    int common = Math.min(size, other.size);
    if (ids != null || other.ids != null) {
      for (int row = 0; this != other && row < common; row++) {
        if (!id(row).equals(other.id(row))) {
          return OptionalInt.of(row);
        }
      }
    }
    return size == other.size ? OptionalInt.empty() : OptionalInt.of(common);
  }

  /**
   * Checks that a text has a row for each of these items, in this order where it has ids.
   *
   * @param text language embeddings
   * @return the text
   * @throws IllegalArgumentException if it has another number of rows, or ids that differ
   */
  @CanIgnoreReturnValue
  public LanguageEmbeddings requireText(LanguageEmbeddings text) {
    checkArgument(
        text.itemCount() == size,
        "text must have a row for each of %s items, found %s",
        size,
        text.itemCount());
    text.ids().ifPresent(named -> of(named).requireSame("text", "vocabulary", this));
    return text;
  }

  /**
   * Checks that something has these items in this order.
   *
   * @param owner what has these items, such as "model", for the message
   * @param name what has the other items, such as "training examples", for the message
   * @param found the other items
   * @throws IllegalArgumentException if they differ; it names the first row that does
   */
  public void requireSame(String owner, String name, ItemVocabulary found) {
    OptionalInt difference = firstDifference(found);
    if (difference.isEmpty()) {
      return;
    }
    checkArgument(
        size == found.size,
        "%s must be over the %s's %s items, found %s",
        name,
        owner,
        size,
        found.size);
    int row = difference.getAsInt();
    throw new IllegalArgumentException(
        Strings.lenientFormat(
                "%s must have the items of the %s in its order: row %s is \"%s\" in the %s, found"
                    + " \"%s\" (%s and %s)",
                name, owner, row, id(row), owner, found.id(row), this, found)
            + (isRowNumbers()
                ? "; a " + owner + " without a vocabulary of its own takes row numbers for ids"
                : ""));
  }

  /**
   * Whether another object is a vocabulary with the same ids in the same rows.
   *
   * @param other the object
   * @return true if it is
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ItemVocabulary that
        && size == that.size
        && (ids == null ? that.ids == null : ids.equals(that.ids));
  }

  /**
   * A hash code that fits {@link #equals(Object)}.
   *
   * @return the hash code
   */
  @Override
  public int hashCode() {
    return ids == null ? size : ids.hashCode();
  }

  /**
   * A short description.
   *
   * @return for example {@code ItemVocabulary[50 items, ids are row numbers]}
   */
  @Override
  public String toString() {
    return ids == null
        ? "ItemVocabulary[" + size + " items, ids are row numbers]"
        : "ItemVocabulary[" + size + " items, \"" + ids.get(0) + "\" first]";
  }

  /** The decimal numbers below a size, as strings that are made on demand. */
  private static final class RowNumbers extends AbstractList<String> implements RandomAccess {
    private final int size;

    RowNumbers(int size) {
      this.size = size;
    }

    @Override
    public String get(int index) {
      checkElementIndex(index, size, "row");
      return Integer.toString(index);
    }

    @Override
    public int size() {
      return size;
    }
  }
}
